with orders as (

    select * from {{ ref('int_orders__identified') }}

),

-- A day with an order that still stands is a purchase for good; one whose orders were
-- all called off later was a purchase until then, and evaluations of that time count it.
purchase_days as (

    select
        customer_key,
        ordered_on as purchased_on,
        count(case when counts_as_purchase then 1 end) as order_count,
        case
            when count(case when counts_as_purchase then 1 end) = 0 then max(cancelled_on)
        end as called_off_on
    from orders
    where customer_key is not null and not is_credit_note
    group by customer_key, ordered_on

),

sequenced as (

    select
        *,
        case when called_off_on is null then row_number() over (
            partition by customer_key, called_off_on is null order by purchased_on nulls last
        ) end as purchase_number,
        case when called_off_on is null then lag(purchased_on) over (
            partition by customer_key, called_off_on is null order by purchased_on nulls last
        ) end as previous_purchased_on
    from purchase_days
    where coalesce(called_off_on > purchased_on, true)

)

select * from sequenced

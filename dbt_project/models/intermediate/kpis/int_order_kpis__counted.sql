with orders as (

    select * from {{ ref('int_orders__identified') }}

),

-- Not less refunds: a month of returns would have shares below nothing.
summed as (

    select
        cast(date_trunc('month', ordered_on) as date) as month_date,
        sales_channel,
        count(customer_key) as identified_count,
        count(*) as purchase_count,
        sum(case when customer_key is not null then gross_amount - discount_amount else 0 end)
            as identified_amount,
        sum(gross_amount - discount_amount) as total_amount,
        count(gross_amount - discount_amount) as amount_count
    from orders
    where counts_as_purchase
    group by cast(date_trunc('month', ordered_on) as date), sales_channel

),

counted as (

    select
        'identified_order_share' as kpi_code,
        month_date,
        sales_channel,
        cast(identified_count as decimal(28, 4)) as identified_amount,
        cast(purchase_count as decimal(28, 4)) as total_amount,
        purchase_count as observation_count
    from summed
    union all
    select
        'identified_revenue_share' as kpi_code,
        month_date,
        sales_channel,
        cast(identified_amount as decimal(28, 4)) as identified_amount,
        cast(total_amount as decimal(28, 4)) as total_amount,
        amount_count as observation_count
    from summed
    where amount_count > 0

)

select * from counted

with orders as (

    select * from {{ ref('int_orders__identified') }}

),

movements as (

    select
        order_key,
        customer_key,
        'sale' as kind,
        ordered_on as moved_on,
        gross_amount - discount_amount as amount
    from orders
    union all
    select
        order_key,
        customer_key,
        'refund' as kind,
        refunded_on as moved_on,
        -refunded_amount as amount
    from orders
    where refunded_amount <> 0
    union all
    select
        order_key,
        customer_key,
        'cancellation' as kind,
        cancelled_on as moved_on,
        -cancelled_amount as amount
    from orders
    where cancelled_amount <> 0

)

select * from movements

-- The orders are not imported by a CTE: what is read twice DuckDB would hold whole.
with movements as (

    select
        order_key,
        customer_key,
        'sale' as kind,
        ordered_on as moved_on,
        gross_amount - discount_amount as amount
    from {{ ref('int_orders__identified') }}
    union all
    select
        order_key,
        customer_key,
        'refund' as kind,
        refunded_on as moved_on,
        -refunded_amount as amount
    from {{ ref('int_orders__identified') }}
    where refunded_amount <> 0
    union all
    select
        order_key,
        customer_key,
        'cancellation' as kind,
        cancelled_on as moved_on,
        -cancelled_amount as amount
    from {{ ref('int_orders__identified') }}
    where cancelled_amount <> 0

)

select * from movements

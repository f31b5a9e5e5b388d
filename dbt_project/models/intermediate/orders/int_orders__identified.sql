with orders as (

    select * from {{ ref('int_orders__valued') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

-- A guest has no record: the order counts as revenue and is in nobody's history.
identified as (

    select
        orders.*,
        records.customer_key
    from orders
    left join records
        on orders.namespace = records.namespace
        and orders.source_customer_id = records.record_id

)

select * from identified

with orders as (

    select * from {{ ref('int_orders__valued') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

-- A guest whom nobody knows has no customer: the order is revenue in nobody's history.
identified as (

    select
        orders.*,
        records.customer_key
    from orders
    left join records
        on
        records.namespace
        = case when orders.guest_key is null then orders.namespace else 'guest' end
        and records.record_id = coalesce(orders.guest_key, orders.source_customer_id)

)

select * from identified

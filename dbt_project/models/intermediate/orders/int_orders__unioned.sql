with shop_orders as (

    select * from {{ ref('int_shop_orders__in_force') }}

),

online_retail_sales as (

    select * from {{ ref('int_online_retail_sales__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- A guest is the keyed hash of the contact left with the order.
shop_orders_with_guests as (

    select
        shop_orders.*,
        case
            when shop_orders.source_customer_id is null
                then {{ guest_key(
                    'coalesce(shop_orders.contact_email, shop_orders.contact_phone)',
                    'parameters.pseudonym_key'
                ) }}
        end as guest_key
    from shop_orders
    cross join parameters

),

-- One order per invoice; a cancellation is an invoice of its own, with its sign.
invoices as (

    select
        order_id,
        currency,
        max(source_customer_id) as source_customer_id,
        max(region) as region,
        cast(sum(line_amount) as decimal(18, 4)) as gross_amount,
        min(ordered_at) as ordered_at
    from online_retail_sales
    group by order_id, currency

),

orders as (

    select
        'shop' as source,
        order_id,
        'shop' as namespace,
        source_customer_id,
        guest_key,
        coalesce(status, 'placed') as status,
        currency,
        sales_channel,
        store,
        campaign_id,
        cast(null as string) as region,
        gross_amount,
        coalesce(discount_amount, 0) as discount_amount,
        coalesce(refund_amount, 0) as refund_amount,
        cost_amount,
        ordered_at,
        refunded_at,
        cancelled_at,
        promised_at,
        delivered_at
    from shop_orders_with_guests
    union all
    select
        'online_retail' as source,
        order_id,
        'online_retail' as namespace,
        source_customer_id,
        cast(null as string) as guest_key,
        case when left(order_id, 1) = 'C' then 'returned' else 'completed' end as status,
        currency,
        cast(null as string) as sales_channel,
        cast(null as string) as store,
        cast(null as string) as campaign_id,
        region,
        gross_amount,
        cast(0 as decimal(18, 4)) as discount_amount,
        cast(0 as decimal(18, 4)) as refund_amount,
        cast(null as decimal(18, 4)) as cost_amount,
        ordered_at,
        cast(null as timestamp) as refunded_at,
        cast(null as timestamp) as cancelled_at,
        cast(null as timestamp) as promised_at,
        cast(null as timestamp) as delivered_at
    from invoices

)

select * from orders

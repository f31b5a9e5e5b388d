with orders as (

    select * from {{ ref('int_orders__identified') }}

),

final_orders as (

    select
        order_key,
        source,
        order_id,
        customer_key,
        guest_key,
        status,
        sales_channel,
        store,
        campaign_id,
        currency,
        cast(null as varchar) as tier_code,
        counts_as_purchase,
        gross_amount,
        discount_amount,
        refunded_amount,
        cancelled_amount,
        cast(
            gross_amount - discount_amount - refunded_amount - cancelled_amount
            as decimal(18, 4)
        ) as net_amount,
        case when rate_to_base is null then 'no exchange rate' end as missing_amount_reason,
        ordered_at,
        ordered_on,
        refunded_at,
        cancelled_at,
        promised_at,
        delivered_at
    from orders

)

select * from final_orders

with orders as (

    select * from {{ ref('int_orders__identified') }}

),

tiers_in_force as (

    select * from {{ ref('int_tiers__in_force') }}

),

final_orders as (

    select
        orders.order_key,
        orders.source,
        orders.order_id,
        orders.customer_key,
        orders.guest_key,
        orders.status,
        orders.sales_channel,
        orders.store,
        orders.campaign_id,
        orders.currency,
        tiers_in_force.tier_code,
        orders.counts_as_purchase,
        orders.gross_amount,
        orders.discount_amount,
        orders.refunded_amount,
        orders.cancelled_amount,
        cast(
            orders.gross_amount
            - orders.discount_amount
            - orders.refunded_amount
            - orders.cancelled_amount
            as decimal(18, 4)
        ) as net_amount,
        case
            when orders.rate_to_base is not null then null
            when orders.has_rate_of_currency then 'exchange rate out of range'
            else 'no exchange rate'
        end as missing_amount_reason,
        orders.ordered_at,
        orders.ordered_on,
        orders.refunded_at,
        orders.cancelled_at,
        orders.promised_at,
        orders.delivered_at
    from orders
    left join tiers_in_force
        on orders.customer_key = tiers_in_force.customer_key
        and orders.ordered_on >= tiers_in_force.valid_from
        and orders.ordered_on <= {{ or_forever('tiers_in_force.valid_to') }}

)

select * from final_orders

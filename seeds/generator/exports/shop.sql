create view export_shop_orders as
with seen_orders as (
    select
        orders.*,
        ordered_at + to_minutes((1 + floor(40 * pow(chance('paid at', order_key), 4)))::integer) as paid_at,
        ordered_at + to_days(1) as shipped_at,
        known(cancelled_at) as was_cancelled_at,
        known(delivered_at) as was_delivered_at,
        known(refunded_at) as was_refunded_at,
        known(corrected_at) as was_corrected_at
    from orders
)
select
    order_number(ordered_at, seen_orders.order_key) as order_id,
    case
        when is_guest then null
        when twins.shop_id is not null and days_of(ordered_at) >= twins.opened_day
            and chance('which account', seen_orders.order_key) < 0.4 then twins.shop_id
        else 'S' || (10000000 + seen_orders.person)
    end as source_customer_id,
    -- Four in ten guests are strangers.
    case when not is_guest then null
        when chance('stranger', seen_orders.order_key) < 0.4 then 'guest' || seen_orders.order_key || '@example.com'
        else identities.email end as contact_email,
    case when not is_guest then null
        when chance('stranger', seen_orders.order_key) < 0.4
            then '16' || lpad(((seen_orders.order_key * 618033989) % 1000000000)::varchar, 9, '0')
        when chance('guest phone', seen_orders.order_key) < 0.7 then identities.phone end as contact_phone,
    ordered_at,
    case
        when was_cancelled_at is not null then 'cancelled'
        when was_refunded_at is not null and is_returned then 'returned'
        when was_delivered_at is not null then 'completed'
        when cancelled_at is null and shipped_at <= seen() then 'shipped'
        when paid_at <= seen() then 'paid'
        else 'placed'
    end as status,
    seen_orders.currency,
    gross_amount,
    case when corrected_at is not null and was_corrected_at is null then 0 else discount_amount end::decimal(14, 2) as discount_amount,
    shipping_amount,
    cost_amount,
    case when was_refunded_at is not null then refund_amount else 0 end::decimal(14, 2) as refund_amount,
    was_refunded_at as refunded_at,
    was_cancelled_at as cancelled_at,
    case when sales_channel <> 'store' then date_trunc('day', ordered_at) + interval '114 hours' end as promised_at,
    was_delivered_at as delivered_at,
    sales_channel,
    case when sales_channel = 'store' then places.store end as store,
    campaign_id,
    greatest(
        ordered_at,
        coalesce(known(paid_at), ordered_at),
        coalesce(case when cancelled_at is null then known(shipped_at) end, ordered_at),
        coalesce(was_delivered_at, ordered_at),
        coalesce(was_refunded_at, ordered_at),
        coalesce(was_cancelled_at, ordered_at),
        coalesce(was_corrected_at, ordered_at)
    ) as updated_at,
    ordered_at as _began_at,
    updated_at as _changed_at,
    seen_orders.order_key as _row
from seen_orders
inner join places on seen_orders.place_no = places.place_no
left join (select * from shop_accounts where kind <> 'main') as twins on seen_orders.person = twins.person
left join identities
    on case when seen_orders.is_guest then seen_orders.person end = identities.person;

create view export_shop_order_lines as
with numbered as (
    select
        orders.*,
        order_number(ordered_at, order_key) as order_id,
        unnest(range(1, line_count + 1)) as place
    from orders
), lines as (
    select
        order_id,
        order_key,
        ordered_at,
        place::utinyint as line_number,
        line_product(order_key, place, category) as product,
        line_units(order_key, place, basket)::integer as quantity,
        price_factor,
        rate,
        case when is_returned or place = 1 then refunded_at end as returned_at
    from numbered
), priced as (
    select *, line_price(product, price_factor, rate) as unit_price
    from lines
)
select
    order_id,
    line_number,
    products.product_id,
    products.product_name,
    products.product_category,
    quantity,
    money(unit_price) as unit_price,
    money(unit_price * quantity) as line_amount,
    case when returned_at <= seen() then quantity else 0 end as returned_quantity,
    known(returned_at) as returned_at,
    coalesce(known(returned_at), ordered_at) as updated_at,
    ordered_at as _began_at,
    coalesce(known(returned_at), ordered_at) as _changed_at,
    order_key as _row
from priced
inner join products on priced.product = products.product;

create view export_shop_activity as
select
    'S' || (10000000 + person) as source_customer_id,
    activity_date,
    product_category,
    sessions,
    page_views,
    feature_uses,
    logins,
    cast(null as timestamp) as updated_at,
    activity_date::timestamp + interval 23 hour as _began_at,
    activity_date::timestamp + interval 23 hour as _changed_at,
    visit_no as _row
from activity;

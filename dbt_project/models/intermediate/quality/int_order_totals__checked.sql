with orders as (

    select * from {{ ref('stg_shop__orders_versions') }}

),

order_lines as (

    select * from {{ ref('stg_shop__order_lines_versions') }}

),

orders_in_force as (

    select
        order_id,
        gross_amount,
        {{ told_at('_exported_at', 'event_at') }} as told_at
    from orders
    where row_fate = 'staged'

),

lines_of_orders as (

    select
        order_id,
        {{ told_at('_exported_at', 'event_at') }} as told_at,
        count(*) as line_count,
        sum(line_amount) as lines_amount
    from order_lines
    where row_fate = 'staged'
    group by order_id, {{ told_at('_exported_at', 'event_at') }}

),

lines_checked as (

    select
        'shop' as source,
        'order_lines' as feed,
        'order_id' as column_name,
        'has an order' as rule,
        lines_of_orders.told_at,
        sum(lines_of_orders.line_count) as checked_count,
        sum(case when orders_in_force.order_id is null then lines_of_orders.line_count else 0 end)
            as failed_count
    from lines_of_orders
    left join orders_in_force
        on lines_of_orders.order_id = orders_in_force.order_id
    group by lines_of_orders.told_at

),

totals as (

    select
        order_id,
        sum(lines_amount) as lines_amount
    from lines_of_orders
    group by order_id

),

-- An order whose lines nobody exports has nothing to be compared with.
orders_checked as (

    select
        'shop' as source,
        'orders' as feed,
        'gross_amount' as column_name,
        'equals its lines' as rule,
        orders_in_force.told_at,
        count(*) as checked_count,
        count(case when abs(orders_in_force.gross_amount - totals.lines_amount) > 0.01 then 1 end)
            as failed_count
    from orders_in_force
    inner join totals
        on orders_in_force.order_id = totals.order_id
    group by orders_in_force.told_at

),

checked as (

    select * from lines_checked
    union all
    select * from orders_checked

)

select * from checked

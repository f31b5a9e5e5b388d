with order_lines as (

    select * from {{ ref('int_order_lines__unioned') }}

),

orders as (

    select * from {{ ref('int_orders__identified') }}

),

-- A line is seen with its order, and not before.
lines_of_orders as (

    select
        orders.order_key,
        order_lines.line_number,
        orders.source,
        orders.order_id,
        orders.customer_key,
        order_lines.product_id,
        order_lines.product_name,
        order_lines.product_category,
        order_lines.quantity,
        order_lines.returned_quantity,
        {{ exchanged('order_lines.unit_price', 'orders.rate_to_base') }} as unit_price,
        {{ exchanged('order_lines.line_amount', 'orders.rate_to_base') }} as line_amount,
        orders.ordered_on,
        order_lines.returned_at
    from order_lines
    inner join orders
        on order_lines.source = orders.source
        and order_lines.order_id = orders.order_id

)

select * from lines_of_orders

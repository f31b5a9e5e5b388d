-- What moved because of an order, on whatever days, is what the order brought in the end:
-- then months add up, and closed months stay.
with movements as (

    select
        order_key,
        sum(amount) as moved_amount
    from {{ ref('int_revenue__movements') }}
    group by order_key

),

orders as (

    select * from {{ ref('orders') }}

)

select
    coalesce(orders.order_key, movements.order_key) as order_key,
    orders.net_amount,
    movements.moved_amount
from orders
full outer join movements
    on orders.order_key = movements.order_key
where
    orders.order_key is null
    or movements.order_key is null
    or orders.net_amount is distinct from movements.moved_amount

-- Lines without their order are in no mart. It only warns: an order may wait in quarantine,
-- or come a night later than its lines.
{{ config(severity='warn') }}

with order_lines as (

    select * from {{ ref('stg_shop__order_lines') }}

),

orders as (

    select * from {{ ref('stg_shop__orders') }}

)

select distinct order_lines.order_id
from order_lines
left join orders
    on order_lines.order_id = orders.order_id
where orders.order_id is null

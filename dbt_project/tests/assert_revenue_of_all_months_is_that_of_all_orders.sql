-- The KPI adds up in doubles by month and customer, the mart in decimals by order: two
-- ways that know nothing of each other.
with months as (

    select sum(value) as amount
    from {{ ref('kpi_values') }}
    where kpi_code = 'revenue' and dimension = 'all'

),

orders as (

    select cast(sum(net_amount) as double) as amount
    from {{ ref('orders') }}

)

select
    months.amount as amount_of_months,
    orders.amount as amount_of_orders
from months
cross join orders
where
    abs(months.amount - orders.amount) > 0.005
    or (months.amount is null) <> (orders.amount is null)

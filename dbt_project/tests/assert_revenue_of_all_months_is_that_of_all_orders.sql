-- The KPI adds up in doubles by month and customer, the mart in decimals by order: two
-- ways that know nothing of each other. To half a cent, or as near as a double tells.
with months as (

    select
        sum(value) as amount,
        sum(abs(value)) as size
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
    abs(months.amount - orders.amount) > greatest(0.005, 1e-12 * months.size)
    or (months.amount is null) <> (orders.amount is null)

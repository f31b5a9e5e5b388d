-- What BI slices adds up to the KPI of known customers, month by month from the first
-- evaluation on; and so do those who bought.
with customers_by_month as (

    select * from {{ ref('customers_by_month') }}

),

inputs as (

    select * from {{ ref('int_kpis__inputs') }}

),

months as (

    select
        month,
        sum(net_revenue_amount) as revenue,
        count(case when is_active then 1 end) as active_count
    from customers_by_month
    group by month

),

kpis as (

    select
        month_date as month,
        sum(case when kpi_code = 'revenue' then numerator else 0 end) as revenue,
        sum(case when kpi_code = 'active_customers' then numerator else 0 end) as active_count
    from inputs
    where kpi_code in ('revenue', 'active_customers') and is_of_customer
    group by month_date

),

first_months as (

    select min(month) as first_month
    from months

)

select
    coalesce(months.month, kpis.month) as month,
    months.revenue as revenue_of_months,
    kpis.revenue as revenue_of_kpi,
    months.active_count as active_count_of_months,
    kpis.active_count as active_count_of_kpi
from months
full outer join kpis
    on months.month = kpis.month
cross join first_months
where
    coalesce(months.month, kpis.month) >= first_months.first_month
    and (
        coalesce(months.revenue, 0) <> coalesce(kpis.revenue, 0)
        or coalesce(months.active_count, 0) <> coalesce(kpis.active_count, 0)
    )

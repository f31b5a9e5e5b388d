with inputs as (

    select * from {{ ref('int_kpis__inputs') }}

),

definitions as (

    select * from {{ ref('kpi_definitions') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- Every input once in the whole, and once under each attribute of its customer.
members as (

    select
        inputs.*,
        'all' as dimension,
        'all' as member
    from inputs
    union all
    select
        inputs.*,
        'customer_type' as dimension,
        customers.customer_type as member
    from inputs
    inner join customers
        on inputs.customer_key = customers.customer_key
    where customers.customer_type is not null
    union all
    select
        inputs.*,
        'region' as dimension,
        customers.region as member
    from inputs
    inner join customers
        on inputs.customer_key = customers.customer_key
    where customers.region is not null

),

totals as (

    select
        kpi_code,
        month_date,
        dimension,
        member,
        cast(sum(numerator) as double) as numerator,
        cast(sum(denominator) as double) as denominator,
        cast(sum(squared_numerator) as double) as squared_numerator,
        sum(observation_count) as observation_count
    from members
    group by kpi_code, month_date, dimension, member

),

span as (

    select
        coalesce(min(totals.month_date), max(parameters.as_of_date)) as first_date,
        max(parameters.as_of_date) as last_date
    from parameters
    left join totals
        on parameters.as_of_date >= totals.month_date

),

days as (

    {{ days_between('first_date', 'last_date', 'span') }}

),

-- A month in which nothing came is a row without a value, not a hole.
grid as (

    select distinct
        definitions.kpi_code,
        cast(date_trunc('month', days.date_day) as date) as month_date,
        'all' as dimension,
        'all' as member
    from definitions
    cross join days
    union
    select
        kpi_code,
        month_date,
        dimension,
        member
    from totals

),

measured as (

    select
        grid.kpi_code,
        grid.month_date,
        grid.dimension,
        grid.member,
        definitions.scale,
        definitions.interval_method,
        case
            when definitions.aggregation = 'sum' then totals.numerator
            when totals.denominator > 0
                then definitions.scale * totals.numerator / totals.denominator
        end as value,
        totals.numerator,
        totals.denominator,
        totals.squared_numerator,
        cast(coalesce(totals.observation_count, 0) as bigint) as observation_count
    from grid
    inner join definitions
        on grid.kpi_code = definitions.kpi_code
    left join totals
        on grid.kpi_code = totals.kpi_code
        and grid.month_date = totals.month_date
        and grid.dimension = totals.dimension
        and grid.member = totals.member

),

-- Standard error of a mean score of -1, 0 and 1, on the scale of the KPI. Rounding puts
-- a Wilson bound of 0 or 1 a hair beyond its value: it ends at the value.
bounded as (

    select
        *,
        case
            when interval_method = 'wilson' and denominator > 0
                then least(scale * {{ wilson_bound('numerator', 'denominator', -1) }}, value)
            when interval_method = 'normal' and denominator > 1
                then greatest(value - 1.96 * scale * sqrt(greatest(
                    squared_numerator / denominator - power(numerator / denominator, 2), 0
                ) / denominator), -scale)
        end as lower_bound,
        case
            when interval_method = 'wilson' and denominator > 0
                then greatest(scale * {{ wilson_bound('numerator', 'denominator', 1) }}, value)
            when interval_method = 'normal' and denominator > 1
                then least(value + 1.96 * scale * sqrt(greatest(
                    squared_numerator / denominator - power(numerator / denominator, 2), 0
                ) / denominator), scale)
        end as upper_bound
    from measured

),

kpi_values as (

    select
        bounded.kpi_code,
        bounded.month_date as month,
        bounded.dimension,
        bounded.member,
        last_day(bounded.month_date) <= parameters.as_of_date as is_whole_month,
        bounded.value,
        bounded.numerator,
        bounded.denominator,
        bounded.observation_count as n,
        bounded.lower_bound as lower,
        bounded.upper_bound as upper,
        case
            when bounded.value is not null then null
            when bounded.observation_count = 0 then 'no data'
            else 'nothing to divide by'
        end as missing_reason
    from bounded
    cross join parameters

)

select * from kpi_values

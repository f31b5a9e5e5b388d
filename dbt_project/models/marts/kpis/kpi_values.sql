with inputs as (

    select * from {{ ref('int_kpis__inputs') }}

),

definitions as (

    select * from {{ ref('kpi_definitions') }}

),

targets as (

    select * from {{ ref('kpi_targets') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- Every input once in the whole, and once under each attribute of its customer.
members as (

    select
        *,
        'all' as dimension,
        'all' as member
    from inputs
    union all
    select
        *,
        'customer_type' as dimension,
        customer_type as member
    from inputs
    where customer_type is not null
    union all
    select
        *,
        'region' as dimension,
        region as member
    from inputs
    where region is not null
    union all
    select
        *,
        'tier' as dimension,
        tier_code as member
    from inputs
    where tier_code is not null
    union all
    select
        *,
        'sales_channel' as dimension,
        sales_channel as member
    from inputs
    where sales_channel is not null

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
        case when definitions.is_higher_better then 1 else -1 end as direction,
        case
            when definitions.aggregation = 'sum' then totals.numerator
            when totals.denominator > 0
                then definitions.scale * totals.numerator / totals.denominator
        end as value,
        totals.numerator,
        totals.denominator,
        totals.squared_numerator,
        cast(round(coalesce(totals.observation_count, 0)) as bigint) as observation_count
    from grid
    inner join definitions
        on grid.kpi_code = definitions.kpi_code
    left join totals
        on grid.kpi_code = totals.kpi_code
        and grid.month_date = totals.month_date
        and grid.dimension = totals.dimension
        and grid.member = totals.member

),

-- Standard error of a mean score of -1, 0 and 1, on the scale of the KPI. The scale
-- may put a Wilson bound a hair beyond its value: it ends at the value.
bounded as (

    select
        *,
        case
            when interval_method = 'wilson' and denominator > 0
                then least(scale * {{ wilson_bound('numerator', 'denominator', -1) }}, value)
            when interval_method = 'normal' and denominator > 1
                then greatest(value - 1.96 * scale * sqrt(greatest(
                    squared_numerator / denominator
                    - (numerator / denominator) * (numerator / denominator),
                    0
                ) / denominator), -scale)
        end as lower_bound,
        case
            when interval_method = 'wilson' and denominator > 0
                then greatest(scale * {{ wilson_bound('numerator', 'denominator', 1) }}, value)
            when interval_method = 'normal' and denominator > 1
                then least(value + 1.96 * scale * sqrt(greatest(
                    squared_numerator / denominator
                    - (numerator / denominator) * (numerator / denominator),
                    0
                ) / denominator), scale)
        end as upper_bound
    from measured

),

-- Each member has a target of its own, or none: what holds for the whole is not asked of
-- every part.
compared as (

    select
        bounded.*,
        targets.target,
        targets.near,
        case
            when bounded.value is null then 'no_data'
            when targets.target is null then 'no_target'
            when bounded.direction * bounded.value >= bounded.direction * targets.target
                then 'on_target'
            when bounded.direction * bounded.value >= bounded.direction * targets.near then 'near'
            else 'off_target'
        end as status
    from bounded
    left join targets
        on bounded.kpi_code = targets.kpi_code
        and bounded.dimension = targets.dimension
        and bounded.member = targets.member
        and bounded.month_date >= targets.valid_from
        and bounded.month_date <= targets.valid_to

),

kpi_values as (

    select
        compared.kpi_code,
        compared.month_date as month,
        compared.dimension,
        compared.member,
        last_day(compared.month_date) <= parameters.as_of_date as is_whole_month,
        compared.value,
        compared.numerator,
        compared.denominator,
        compared.observation_count as n,
        compared.lower_bound as lower,
        compared.upper_bound as upper,
        compared.target,
        compared.near,
        compared.status,
        case
            when compared.value is not null then null
            when compared.observation_count = 0 then 'no data'
            else 'nothing to divide by'
        end as missing_reason
    from compared
    cross join parameters

)

select * from kpi_values

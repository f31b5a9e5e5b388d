with kpi_values as (

    select * from {{ ref('kpi_values') }}

),

definitions as (

    select * from {{ ref('kpi_definitions') }}

),

totals as (

    select
        *,
        lag(value) over (partition by kpi_code order by month nulls last) as previous_value
    from kpi_values
    where dimension = 'all'

),

-- The newest whole month; a KPI that only knows the running month shows that.
latest as (

    select *
    from totals
    where value is not null
    qualify
        row_number() over (
            partition by kpi_code order by is_whole_month desc nulls last, month desc nulls last
        ) = 1

),

compared as (

    select
        definitions.kpi_code,
        definitions.label_en,
        definitions.label_zh,
        definitions.department,
        definitions.unit,
        latest.month,
        latest.is_whole_month,
        latest.value,
        latest.previous_value,
        latest.lower,
        latest.upper,
        latest.n,
        latest.target,
        coalesce(latest.status, 'no_data') as status,
        case when definitions.is_higher_better then 1 else -1 end as direction
    from definitions
    left join latest
        on definitions.kpi_code = latest.kpi_code

),

kpi_scorecard as (

    select
        kpi_code,
        label_en,
        label_zh,
        department,
        unit,
        month,
        is_whole_month,
        value,
        previous_value,
        lower,
        upper,
        n,
        target,
        status,
        case
            when value is null or previous_value is null then null
            -- What its own interval cannot tell from the month before is no trend.
            when previous_value = value or previous_value between lower and upper then 'flat'
            when direction * value > direction * previous_value then 'better'
            else 'worse'
        end as trend
    from compared

)

select * from kpi_scorecard

with measured as (

    select * from {{ ref('int_quality__measured') }}

),

targets as (

    select * from {{ ref('quality_targets') }}

),

row_rules as (

    select * from {{ ref('row_rules') }}

),

scored as (

    select
        *,
        cast(checked_count - failed_count as double) as good_count,
        cast(checked_count as double) as all_count,
        cast(checked_count - failed_count as double) / nullif(checked_count, 0) as score
    from measured

),

bounded as (

    select
        *,
        {{ wilson_bound('good_count', 'all_count', -1) }} as lower_bound,
        {{ wilson_bound('good_count', 'all_count', 1) }} as upper_bound
    from scored

),

-- A feed's own target goes before that of all. Rows without any time have no month: for
-- them holds what held first.
compared as (

    select
        bounded.*,
        targets.target,
        targets.near
    from bounded
    left join targets
        on bounded.dimension = targets.dimension
        and (
            (bounded.source = targets.source and bounded.feed = targets.feed)
            or (targets.source = 'all' and targets.feed = 'all')
        )
        and coalesce(bounded.month_date, cast('1900-01-01' as date)) >= targets.valid_from
        and coalesce(bounded.month_date, cast('1900-01-01' as date)) <= targets.valid_to
    qualify
        row_number() over (
            partition by bounded.source, bounded.feed, bounded.dimension, bounded.month_date
            order by case when targets.source = 'all' then 1 else 0 end asc nulls last
        ) = 1

),

-- A rule such as `not below ordered_at` is described by its first words.
data_quality_scorecard as (

    select
        compared.source,
        compared.feed,
        compared.dimension,
        compared.month_date as month,
        compared.owner_department,
        compared.score,
        compared.checked_count,
        compared.failed_count,
        compared.lower_bound as lower,
        compared.upper_bound as upper,
        compared.target,
        compared.near,
        case
            when compared.score is null then 'no_data'
            when compared.target is null then 'no_target'
            when compared.score >= compared.target then 'on_target'
            when compared.score >= compared.near then 'near'
            else 'off_target'
        end as status,
        compared.missing_reason,
        compared.main_cause_column,
        compared.main_cause_rule,
        compared.main_cause_failed_count,
        row_rules.expected_en as main_cause_expected_en,
        row_rules.expected_zh as main_cause_expected_zh
    from compared
    left join row_rules
        on compared.main_cause_rule = row_rules.rule
        or compared.main_cause_rule like row_rules.rule || ' %'

)

select * from data_quality_scorecard

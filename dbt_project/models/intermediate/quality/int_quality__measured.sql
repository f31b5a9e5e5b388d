with settings as (

    select * from {{ ref('stg_tierkeeper__settings') }}

),

feeds as (

    select * from {{ ref('feeds') }}

),

dimensions as (

    select * from {{ ref('labels') }}

),

row_counts as (

    select * from {{ ref('int_rows__counted') }}

),

counted as (

    select * from {{ ref('int_quality__counted') }}

),

delivered as (

    select
        row_counts.source,
        row_counts.feed,
        cast(date_trunc('month', {{ business_day(
            'row_counts.told_at', 'settings.business_timezone'
        ) }}) as date) as month_date,
        row_counts.told_at,
        row_counts.has_export_time,
        row_counts.age_days
    from row_counts
    cross join settings

),

months as (

    select
        source,
        feed,
        month_date,
        max(case when has_export_time then told_at end) as last_exported_at,
        count(age_days) > 0 as has_ages
    from delivered
    group by source, feed, month_date

),

first_exports as (

    select
        source,
        feed,
        min(case when has_export_time then told_at end) as exported_at
    from row_counts
    group by source, feed

),

totals as (

    select
        source,
        feed,
        dimension,
        month_date,
        sum(checked_count) as checked_count,
        sum(failed_count) as failed_count
    from counted
    where adds_up
    group by source, feed, dimension, month_date

),

-- The rule that fails most often; of equals the first by name.
causes as (

    select *
    from counted
    where is_cause and failed_count > 0
    qualify
        row_number() over (
            partition by source, feed, dimension, month_date
            order by failed_count desc nulls last, column_name asc nulls last, rule asc nulls last
        ) = 1

),

feeds_with_rules as (

    select distinct
        source,
        feed
    from counted
    where dimension = 'consistent'

),

measured as (

    select
        months.source,
        months.feed,
        dimensions.code as dimension,
        months.month_date,
        feeds.owner_department,
        cast(coalesce(totals.checked_count, 0) as bigint) as checked_count,
        cast(coalesce(totals.failed_count, 0) as bigint) as failed_count,
        case
            when totals.checked_count > 0 then null
            when dimensions.code = 'consistent' and feeds_with_rules.feed is null then 'no_rule'
            when dimensions.code = 'timely' and feeds.max_age_days is null then 'no_age_limit'
            when dimensions.code = 'timely' and months.last_exported_at is null
                then 'no_export_time'
            when dimensions.code = 'timely' and not months.has_ages then 'no_time'
            when dimensions.code = 'timely' and months.last_exported_at = first_exports.exported_at
                then 'first_export'
            else 'nothing_to_check'
        end as missing_reason,
        causes.column_name as main_cause_column,
        causes.rule as main_cause_rule,
        causes.failed_count as main_cause_failed_count
    from months
    inner join feeds
        on months.source = feeds.source
        and months.feed = feeds.feed
    inner join first_exports
        on months.source = first_exports.source
        and months.feed = first_exports.feed
    inner join dimensions
        on dimensions.list_code = 'quality_dimension'
    left join totals
        on months.source = totals.source
        and months.feed = totals.feed
        and months.month_date is not distinct from totals.month_date
        and dimensions.code = totals.dimension
    left join causes
        on months.source = causes.source
        and months.feed = causes.feed
        and months.month_date is not distinct from causes.month_date
        and dimensions.code = causes.dimension
    left join feeds_with_rules
        on months.source = feeds_with_rules.source
        and months.feed = feeds_with_rules.feed

)

select * from measured

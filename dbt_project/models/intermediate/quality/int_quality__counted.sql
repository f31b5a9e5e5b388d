with settings as (

    select * from {{ ref('stg_tierkeeper__settings') }}

),

feeds as (

    select * from {{ ref('feeds') }}

),

row_counts as (

    select * from {{ ref('int_rows__counted') }}

),

failures as (

    select * from {{ ref('int_failures__counted') }}

),

cells as (

    select * from {{ ref('int_cells__checked') }}

),

comparisons as (

    select * from {{ ref('int_comparisons__counted') }}

),

customer_ids as (

    select * from {{ ref('int_customer_ids__checked') }}

),

order_totals as (

    select * from {{ ref('int_order_totals__checked') }}

),

-- What a first export brings happened before anybody could have told it.
first_exports as (

    select
        source,
        feed,
        min(told_at) as told_at
    from row_counts
    where has_export_time
    group by source, feed

),

timely as (

    select
        row_counts.source,
        row_counts.feed,
        'timely' as dimension,
        row_counts.told_at,
        '' as column_name,
        'in time' as rule,
        row_counts.row_count as checked_count,
        case when row_counts.age_days > feeds.max_age_days then row_counts.row_count else 0 end
            as failed_count,
        true as adds_up,
        true as is_cause
    from row_counts
    inner join first_exports
        on row_counts.source = first_exports.source
        and row_counts.feed = first_exports.feed
        and row_counts.told_at > first_exports.told_at
    inner join feeds
        on row_counts.source = feeds.source
        and row_counts.feed = feeds.feed
    where row_counts.age_days is not null and feeds.max_age_days is not null

),

parts as (

    select
        source,
        feed,
        'complete' as dimension,
        told_at,
        column_name,
        'filled' as rule,
        checked_count,
        failed_count,
        true as adds_up,
        true as is_cause
    from cells
    union all
    select
        source,
        feed,
        'valid' as dimension,
        told_at,
        '' as column_name,
        '' as rule,
        row_count as checked_count,
        case when is_broken then row_count else 0 end as failed_count,
        true as adds_up,
        false as is_cause
    from row_counts
    where not is_repeated
    union all
    -- A row may break several rules: these do not add up to rows.
    select
        source,
        feed,
        'valid' as dimension,
        told_at,
        column_name,
        rule,
        0 as checked_count,
        failed_count,
        false as adds_up,
        true as is_cause
    from failures
    union all
    select
        source,
        feed,
        'unique' as dimension,
        told_at,
        '' as column_name,
        'once' as rule,
        row_count as checked_count,
        case when is_repeated then row_count else 0 end as failed_count,
        true as adds_up,
        true as is_cause
    from row_counts
    union all
    select
        source,
        feed,
        'consistent' as dimension,
        told_at,
        column_name,
        rule,
        checked_count,
        failed_count,
        true as adds_up,
        true as is_cause
    from comparisons
    union all
    select
        source,
        feed,
        'consistent' as dimension,
        told_at,
        'source_customer_id' as column_name,
        'known to the CRM' as rule,
        checked_count,
        failed_count,
        true as adds_up,
        true as is_cause
    from customer_ids
    union all
    select
        source,
        feed,
        'consistent' as dimension,
        told_at,
        column_name,
        rule,
        checked_count,
        failed_count,
        true as adds_up,
        true as is_cause
    from order_totals
    union all
    select * from timely

),

dated as (

    select
        parts.*,
        cast(date_trunc('month', {{ business_day(
            'parts.told_at', 'settings.business_timezone'
        ) }}) as date) as month_date
    from parts
    cross join settings

),

counted as (

    select
        source,
        feed,
        dimension,
        month_date,
        column_name,
        rule,
        adds_up,
        is_cause,
        cast(sum(checked_count) as bigint) as checked_count,
        cast(sum(failed_count) as bigint) as failed_count
    from dated
    group by source, feed, dimension, month_date, column_name, rule, adds_up, is_cause

)

select * from counted

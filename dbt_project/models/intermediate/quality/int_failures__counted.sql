with row_fates as (

    select * from {{ ref('int_rows__fates') }}

),

broken as (

    select
        source,
        feed,
        {{ told_at('exported_at', 'event_at') }} as told_at,
        failures
    from row_fates
    where failures is not null and not is_repeated

),

items as (

    {{ split_items('broken', 'failures', 'chr(30)', ['source', 'feed', 'told_at']) }}

),

counted as (

    select
        source,
        feed,
        told_at,
        split_part(item, chr(31), 1) as column_name,
        split_part(item, chr(31), 2) as rule,
        count(*) as failed_count
    from items
    group by source, feed, told_at, column_name, rule

)

select * from counted

with row_counts as (

    select * from {{ ref('int_rows__counted') }}

),

failures as (

    select * from {{ ref('int_failures__counted') }}

),

filled as (

    select * from {{ ref('int_cells__filled') }}

),

required as (

    {{ required_columns() | indent(4) }}

),

-- A line that could not be read has no cells.
unread as (

    select
        source,
        feed,
        told_at,
        sum(failed_count) as line_count
    from failures
    where rule = 'unparsed'
    group by source, feed, told_at

),

delivered as (

    select
        source,
        feed,
        told_at,
        sum(row_count) as row_count
    from row_counts
    where not is_repeated
    group by source, feed, told_at

),

parsed as (

    select
        delivered.source,
        delivered.feed,
        delivered.told_at,
        delivered.row_count - coalesce(unread.line_count, 0) as row_count
    from delivered
    left join unread
        on delivered.source = unread.source
        and delivered.feed = unread.feed
        and delivered.told_at is not distinct from unread.told_at

),

required_cells as (

    select
        parsed.source,
        parsed.feed,
        parsed.told_at,
        required.column_name,
        parsed.row_count as checked_count,
        coalesce(failures.failed_count, 0) as failed_count
    from parsed
    inner join required
        on parsed.source = required.source
        and parsed.feed = required.feed
    left join failures
        on parsed.source = failures.source
        and parsed.feed = failures.feed
        and parsed.told_at is not distinct from failures.told_at
        and required.column_name = failures.column_name
        and failures.rule = 'required'

),

-- What is there and cannot be read is not valid, and not empty either.
expected_cells as (

    select
        parsed.source,
        parsed.feed,
        parsed.told_at,
        filled.column_name,
        parsed.row_count as checked_count,
        parsed.row_count - filled.filled_count - coalesce(failures.failed_count, 0)
            as failed_count
    from parsed
    inner join filled
        on parsed.source = filled.source
        and parsed.feed = filled.feed
        and parsed.told_at is not distinct from filled.told_at
    left join failures
        on filled.source = failures.source
        and filled.feed = failures.feed
        and filled.told_at is not distinct from failures.told_at
        and filled.column_name = failures.column_name
        and filled.column_type = failures.rule

),

cells as (

    select * from required_cells
    union all
    select * from expected_cells

)

select * from cells

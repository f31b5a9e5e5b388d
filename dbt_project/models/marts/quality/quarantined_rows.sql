with row_fates as (

    select * from {{ ref('int_rows__fates') }}

),

row_rules as (

    select * from {{ ref('row_rules') }}

),

quarantined as (

    select *
    from row_fates
    where row_fate = 'quarantined'

),

failures as (

    {{ split_items(
        'quarantined', 'failures', 'chr(30)',
        ['source', 'feed', 'file', 'row_number', 'batch', 'record_hash', 'exported_at']
    ) }}

),

reasons as (

    select
        *,
        split_part(item, chr(31), 1) as column_name,
        split_part(item, chr(31), 2) as rule,
        split_part(item, chr(31), 3) as value_masked
    from failures

),

-- A rule such as `one of order_status` is described by its first words.
quarantined_rows as (

    select
        reasons.source,
        reasons.feed,
        reasons.file,
        reasons.row_number,
        reasons.column_name,
        reasons.rule,
        reasons.value_masked,
        row_rules.expected_en,
        row_rules.expected_zh,
        reasons.batch,
        reasons.record_hash as line_hash,
        reasons.exported_at
    from reasons
    left join row_rules
        on reasons.rule = row_rules.rule
        or reasons.rule like row_rules.rule || ' %'

)

select * from quarantined_rows

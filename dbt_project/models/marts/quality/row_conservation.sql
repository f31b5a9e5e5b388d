with row_fates as (

    select * from {{ ref('int_rows__fates') }}

),

files as (

    select * from {{ ref('stg_tierkeeper__files') }}

),

staged_feeds as (

    {% for source_system, feed, versions in staged_feeds() %}
        select
            '{{ source_system }}' as source,
            '{{ feed }}' as feed
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

counted as (

    select
        batch,
        count(case when row_fate = 'staged' then 1 end) as staged_count,
        count(case when row_fate = 'superseded' then 1 end) as superseded_count,
        count(case when row_fate = 'duplicate' then 1 end) as duplicate_count,
        count(case when row_fate = 'quarantined' then 1 end) as quarantined_count,
        count(case when row_fate = 'erased' then 1 end) as erased_count
    from row_fates
    group by batch

),

-- What landed, by the ledger of files, against what became of it, by staging: two
-- countings that know nothing of each other.
row_conservation as (

    select
        files.source,
        files.feed,
        files.file,
        files.batch,
        files.row_count + files.unparsed_count as raw_count,
        coalesce(counted.staged_count, 0) as staged_count,
        coalesce(counted.superseded_count, 0) as superseded_count,
        coalesce(counted.duplicate_count, 0) as duplicate_count,
        coalesce(counted.quarantined_count, 0) as quarantined_count,
        coalesce(counted.erased_count, 0) as erased_count,
        files.exported_at
    from files
    inner join staged_feeds
        on files.source = staged_feeds.source
        and files.feed = staged_feeds.feed
    left join counted
        on files.batch = counted.batch

)

select * from row_conservation

with row_fates as (

    select * from {{ ref('int_rows__fates') }}

),

-- What a row tells of is its last change where the row has the time of it, else its event,
-- and only once: an unchanged row of the next whole export is as old as it was.
told as (

    select
        source,
        feed,
        exported_at is not null as has_export_time,
        {{ told_at('exported_at', 'event_at') }} as told_at,
        is_repeated,
        failures is not null as is_broken,
        case
            when row_fate = 'duplicate' or failures is not null or exported_at is null then null
            when version_at < exported_at then {{ hours_between('version_at', 'exported_at') }}
            when not has_other_versions and event_at > {{ beginning() }}
                then {{ hours_between('event_at', 'exported_at') }}
        end as age_hours
    from row_fates

),

counted as (

    select
        source,
        feed,
        has_export_time,
        told_at,
        is_repeated,
        is_broken,
        cast(ceil(age_hours / 24) as integer) as age_days,
        count(*) as row_count
    from told
    group by source, feed, has_export_time, told_at, is_repeated, is_broken, age_days

)

select * from counted

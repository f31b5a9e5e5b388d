with settings as (

    select * from {{ ref('stg_tierkeeper__settings') }}

),

feeds as (

    select * from {{ ref('feeds') }}

),

files as (

    select * from {{ ref('stg_tierkeeper__files') }}

),

row_fates as (

    select * from {{ ref('int_rows__fates') }}

),

newest_exports as (

    select
        source,
        feed,
        max(exported_at) as exported_at
    from files
    group by source, feed

),

events as (

    select
        source,
        feed,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from row_fates
    where failures is null
    group by source, feed

),

required_feeds as (

    select
        newest_exports.source,
        newest_exports.feed,
        -- A moment within a day does not cover it; a day's last microsecond does.
        {{ business_day(
            "newest_exports.exported_at + interval '1 microsecond'",
            'settings.business_timezone'
        ) }} - 1 as covered_date,
        {{ business_day('events.last_event_at', 'settings.business_timezone') }}
            as newest_event_date
    from newest_exports
    inner join feeds
        on newest_exports.source = feeds.source
        and newest_exports.feed = feeds.feed
        and feeds.is_required
    left join events
        on newest_exports.source = events.source
        and newest_exports.feed = events.feed
    cross join settings

),

covered as (

    select
        min(covered_date) as covered_date,
        count(covered_date) = count(*) as has_all_exports,
        max(newest_event_date) as newest_event_date
    from required_feeds

),

chosen as (

    select
        settings.business_timezone,
        settings.base_currency,
        settings.pseudonym_key,
        settings.latest_as_of_date,
        settings.requested_history_from,
        case
            when settings.requested_as_of_date is not null then 'requested'
            when covered.has_all_exports then 'exports'
            else 'events'
        end as as_of_reason,
        coalesce(
            settings.requested_as_of_date,
            least(
                case
                    when covered.has_all_exports then covered.covered_date
                    else covered.newest_event_date
                end,
                settings.latest_as_of_date
            ),
            settings.latest_as_of_date
        ) as as_of_date
    from settings
    cross join covered

),

first_events as (

    select
        feeds.history_rank,
        chosen.as_of_date,
        {{ business_day('events.first_event_at', 'chosen.business_timezone') }} as begins_on
    from events
    inner join feeds
        on events.source = feeds.source
        and events.feed = feeds.feed
        and feeds.history_rank is not null
    cross join chosen

),

-- The earliest valid order, however late it was told, or contract where nothing had been
-- ordered by then: history begins at its month end.
beginnings as (

    select
        history_rank,
        min(begins_on) as begins_on
    from first_events
    where begins_on <= as_of_date
    group by history_rank
    qualify row_number() over (order by history_rank nulls last) = 1

),

run_parameters as (

    select
        chosen.as_of_date,
        chosen.as_of_reason,
        chosen.latest_as_of_date,
        last_day(coalesce(chosen.requested_history_from, beginnings.begins_on))
            as history_from,
        chosen.business_timezone,
        chosen.base_currency,
        chosen.pseudonym_key,
        {{ utc_from_local('cast(chosen.as_of_date + 1 as timestamp)', 'chosen.business_timezone') }}
        - interval '1 microsecond' as as_of_at
    from chosen
    left join beginnings
        on chosen.as_of_date >= beginnings.begins_on

)

select * from run_parameters

-- What the CRM said of each record at any time, by the same rules as the view as of a day
-- (macros/as_of.sql): the newest version known by then; before any, the oldest of all.
with versions as (

    select * from {{ ref('stg_crm__customers') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

customer_types as (

    select * from {{ ref('customer_types') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

seen as (

    select
        records.customer_key,
        versions.*,
        greatest(versions.version_at, versions.event_at) as known_at,
        row_number() over (
            partition by versions.source_customer_id
            order by versions.version_at asc nulls last, versions.record_hash asc nulls last
        ) as version_number,
        parameters.as_of_at
    from versions
    inner join records
        on records.namespace = 'crm'
        and versions.source_customer_id = records.record_id
    cross join parameters
    where
        versions.event_at <= parameters.as_of_at
        and records.customer_key is not null

),

-- An older version that comes to be known after a newer one changes nothing.
known as (

    select
        *,
        true as is_known,
        known_at as begins_at
    from seen
    where known_at <= as_of_at
    qualify
        version_number = max(version_number) over (
            partition by source_customer_id
            order by known_at asc nulls last, version_number asc nulls last
            rows between unbounded preceding and current row
        )

),

first_known as (

    select
        source_customer_id,
        min(begins_at) as first_known_at
    from known
    group by source_customer_id

),

not_yet_known as (

    select
        seen.*,
        false as is_known,
        seen.event_at as begins_at
    from seen
    left join first_known
        on seen.source_customer_id = first_known.source_customer_id
    where
        first_known.source_customer_id is null
        or seen.event_at < first_known.first_known_at
    qualify
        seen.version_number = min(seen.version_number) over (
            partition by seen.source_customer_id
            order by seen.event_at asc nulls last, seen.version_number asc nulls last
            rows between unbounded preceding and current row
        )

),

in_turn as (

    select * from known
    union all
    select * from not_yet_known

),

-- Versions of one moment: the last of them holds.
periods as (

    select
        *,
        lead(begins_at) over (
            partition by source_customer_id
            order by
                begins_at asc nulls last, is_known asc nulls last, version_number asc nulls last
        ) as ends_at
    from in_turn

),

held_periods as (

    select *
    from periods
    where ends_at > begins_at or ends_at is null

),

-- A version may tell of a day to come on which the customer leaves: until then nobody has.
parted_periods as (

    select
        *,
        terminated_at <= begins_at or (terminated_at is null and is_known) as is_later_seen,
        begins_at as valid_from
    from held_periods
    union all
    select
        *,
        true as is_later_seen,
        terminated_at as valid_from
    from held_periods
    where
        terminated_at > begins_at
        and terminated_at <= as_of_at
        and (terminated_at < ends_at or ends_at is null)

),

dated as (

    select
        parted_periods.customer_key,
        parted_periods.source_customer_id,
        case
            when customer_types.is_name_published then parted_periods.customer_name
            else left(parted_periods.customer_name, 1) || '**'
        end as customer_name_masked,
        parted_periods.customer_name,
        parted_periods.customer_type,
        parted_periods.region,
        parted_periods.province,
        parted_periods.city,
        parted_periods.industry,
        parted_periods.company_size,
        parted_periods.acquisition_channel,
        parted_periods.owner_staff_id,
        parted_periods.source_tier_code,
        parted_periods.marketing_consent,
        case
            when coalesce(parted_periods.is_later_seen, false) then parted_periods.status
            else 'active'
        end as status,
        case when parted_periods.is_later_seen then parted_periods.terminated_at end
            as terminated_at,
        parted_periods.version_at as told_at,
        parted_periods.event_at as opened_at,
        parted_periods.valid_from,
        lead(parted_periods.valid_from) over (
            partition by parted_periods.source_customer_id
            order by parted_periods.valid_from nulls last
        ) as valid_to
    from parted_periods
    left join customer_types
        on parted_periods.customer_type = customer_types.customer_type

)

select * from dated

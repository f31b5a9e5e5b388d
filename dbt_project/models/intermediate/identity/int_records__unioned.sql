with crm_customers as (

    select * from {{ ref('int_customers__in_force') }}

),

crm_versions as (

    select * from {{ ref('stg_crm__customers') }}

),

orders as (

    select * from {{ ref('int_orders__unioned') }}

),

interactions as (

    select * from {{ ref('int_interactions__in_force') }}

),

tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

responses as (

    select * from {{ ref('int_responses__scored') }}

),

points as (

    select * from {{ ref('int_points__in_force') }}

),

benefits as (

    select * from {{ ref('int_benefits__in_force') }}

),

-- A later version may tell another day of birth of a record: the first one told counts.
first_versions as (

    select
        source_customer_id,
        created_at
    from crm_versions
    qualify
        row_number() over (
            partition by source_customer_id
            order by version_at asc nulls last, record_hash asc nulls last
        ) = 1

),

crm_records as (

    select
        'crm' as namespace,
        crm_customers.source_customer_id as record_id,
        true as is_in_crm,
        first_versions.created_at as first_seen_at
    from crm_customers
    inner join first_versions
        on crm_customers.source_customer_id = first_versions.source_customer_id

),

events as (

    select
        namespace,
        source_customer_id as record_id,
        ordered_at as happened_at
    from orders
    union all
    select
        'guest' as namespace,
        guest_key as record_id,
        ordered_at as happened_at
    from orders
    union all
    select
        'crm' as namespace,
        source_customer_id as record_id,
        event_at as happened_at
    from interactions
    union all
    select
        'crm' as namespace,
        source_customer_id as record_id,
        opened_at as happened_at
    from tickets
    union all
    select
        namespace,
        record_id,
        responded_at as happened_at
    from responses
    union all
    select
        'crm' as namespace,
        source_customer_id as record_id,
        moved_at as happened_at
    from points
    union all
    select
        'crm' as namespace,
        source_customer_id as record_id,
        granted_at as happened_at
    from benefits

),

-- Whoever buys, asks, answers or collects points is a record, whether or not the CRM knows them.
inferred_records as (

    select
        events.namespace,
        events.record_id,
        false as is_in_crm,
        min(events.happened_at) as first_seen_at
    from events
    left join crm_records
        on events.namespace = crm_records.namespace
        and events.record_id = crm_records.record_id
    where events.record_id is not null and crm_records.record_id is null
    group by events.namespace, events.record_id

),

records as (

    select * from crm_records
    union all
    select * from inferred_records

),

keyed as (

    select
        namespace,
        record_id,
        {{ surrogate_key(['namespace', 'record_id']) }} as own_key,
        is_in_crm,
        namespace = 'guest' as is_guest,
        first_seen_at
    from records

)

select * from keyed

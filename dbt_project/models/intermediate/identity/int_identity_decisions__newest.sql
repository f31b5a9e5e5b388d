with decisions as (

    select * from {{ ref('int_identity_decisions__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

records as (

    select * from {{ ref('int_records__unioned') }}

),

keyed as (

    select
        {{ surrogate_key(["coalesce(namespace, 'crm')", 'record_id']) }} as named_key,
        {{ surrogate_key(["coalesce(other_namespace, 'crm')", 'other_record_id']) }}
            as other_named_key,
        decision_id,
        verdict,
        decided_by,
        decided_at
    from decisions

),

-- The two are the same two, whichever was named first.
ordered as (

    select
        least(named_key, other_named_key) as own_key,
        greatest(named_key, other_named_key) as other_own_key,
        decision_id,
        verdict,
        decided_by,
        decided_at,
        min(case when verdict = 'same' then decided_at end) over (
            partition by least(named_key, other_named_key), greatest(named_key, other_named_key)
        ) as first_linked_at
    from keyed
    where named_key <> other_named_key

),

newest as (

    select *
    from ordered
    qualify
        row_number() over (
            partition by own_key, other_own_key
            order by decided_at desc nulls last, decision_id desc nulls last
        ) = 1

),

decided as (

    select
        newest.own_key,
        newest.other_own_key,
        newest.decision_id,
        newest.verdict,
        newest.decided_by,
        newest.decided_at,
        {{ business_day('newest.decided_at', 'parameters.business_timezone') }} as decided_on,
        newest.first_linked_at
    from newest
    inner join records
        on newest.own_key = records.own_key
    inner join records as other_records
        on newest.other_own_key = other_records.own_key
    cross join parameters

)

select * from decided

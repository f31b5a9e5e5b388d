with records as (

    select * from {{ ref('int_records__resolved') }}

),

once_linked as (

    select * from {{ ref('int_customers__once_linked') }}

),

judged as (

    select * from {{ ref('int_pairs__judged') }}

),

decisions as (

    select * from {{ ref('int_identity_decisions__newest') }}

),

-- The key of an account or a record of its own, before it was known whose it is.
merged as (

    select
        namespace,
        record_id,
        own_key as from_customer_key,
        customer_key,
        'merged' as change_kind,
        match_rule as reason_code,
        linked_on as changed_on
    from records
    where own_key <> customer_key and namespace <> 'guest'

),

-- What was one customer once had the key of its oldest record, and that one keeps it.
groups as (

    select
        once_linked.node as customer_key,
        once_linked.component,
        first_value(once_linked.node) over (
            partition by once_linked.component
            order by
                records.first_seen_at asc nulls last,
                records.namespace asc nulls last,
                records.record_id asc nulls last
        ) as from_customer_key
    from once_linked
    inner join records
        on once_linked.node = records.own_key

),

endings as (

    select
        groups.component,
        judged.ended_because as reason_code,
        judged.ended_on as changed_on
    from judged
    inner join records
        on judged.own_key = records.own_key
    inner join records as other_records
        on judged.other_own_key = other_records.own_key
        and records.customer_key <> other_records.customer_key
    inner join groups
        on records.customer_key = groups.customer_key
    where judged.is_link and judged.ended_on is not null
    union all
    select
        groups.component,
        'decided_different' as reason_code,
        decisions.decided_on as changed_on
    from decisions
    inner join records
        on decisions.own_key = records.own_key
    inner join groups
        on records.customer_key = groups.customer_key
    where decisions.verdict = 'different'

),

last_endings as (

    select
        component,
        reason_code,
        changed_on
    from endings
    qualify
        row_number() over (
            partition by component order by changed_on desc nulls last, reason_code asc nulls last
        ) = 1

),

split as (

    select
        records.namespace,
        records.record_id,
        groups.from_customer_key,
        records.customer_key,
        'split' as change_kind,
        last_endings.reason_code,
        last_endings.changed_on
    from groups
    inner join records
        on groups.customer_key = records.customer_key
    inner join last_endings
        on groups.component = last_endings.component
    where groups.customer_key <> groups.from_customer_key and records.namespace <> 'guest'

),

changes as (

    select * from merged
    union all
    select * from split

)

select * from changes

with records as (

    select * from {{ ref('int_records__unioned') }}

),

components as (

    select * from {{ ref('int_records__components') }}

),

identifiers as (

    select * from {{ ref('int_identifiers__normalised') }}

),

paired as (

    select * from {{ ref('int_records__paired') }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

decisions as (

    select * from {{ ref('int_identity_decisions__newest') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

named as (

    select distinct
        namespace,
        record_id
    from identifiers
    where attribute = 'name'

),

grouped as (

    select
        records.own_key,
        records.namespace,
        records.record_id,
        records.is_in_crm,
        records.is_guest,
        records.first_seen_at,
        coalesce(components.component, records.own_key) as component,
        components.node is null and named.record_id is null as is_nameless
    from records
    left join components
        on records.own_key = components.node
    left join named
        on records.namespace = named.namespace
        and records.record_id = named.record_id

),

attaching_rules as (

    select
        rules.rule_code,
        rules.confidence
    from rules
    cross join parameters
    where
        rules.action = 'attach'
        and rules.valid_from <= parameters.as_of_date
        and rules.valid_to >= parameters.as_of_date

),

-- Somebody's word that two are not the same holds for what has no name as well.
attaching_pairs as (

    select
        paired.own_key,
        paired.other_own_key,
        paired.linked_at,
        attaching_rules.rule_code,
        attaching_rules.confidence
    from paired
    inner join attaching_rules
        on paired.rule_code = attaching_rules.rule_code
    left join decisions
        on paired.own_key = decisions.own_key
        and paired.other_own_key = decisions.other_own_key
        and decisions.verdict = 'different'
    where decisions.own_key is null

),

both_ways as (

    select
        own_key,
        other_own_key,
        rule_code,
        confidence,
        linked_at
    from attaching_pairs
    union all
    select
        other_own_key as own_key,
        own_key as other_own_key,
        rule_code,
        confidence,
        linked_at
    from attaching_pairs

),

-- A record of a system without a name, such as an account that the CRM does not know, goes to
-- the one customer whom its contacts speak for. First such records, then guests.
account_candidates as (

    select
        nameless.own_key,
        named_side.component,
        both_ways.rule_code,
        max(both_ways.confidence) as confidence
    from both_ways
    inner join grouped as nameless
        on both_ways.own_key = nameless.own_key
    inner join grouped as named_side
        on both_ways.other_own_key = named_side.own_key
    where nameless.is_nameless and not nameless.is_guest and not named_side.is_nameless
    group by nameless.own_key, named_side.component, both_ways.rule_code

),

account_scores as (

    select
        own_key,
        component,
        sum(confidence) as confidence
    from account_candidates
    group by own_key, component

),

-- Two customers of whom one is no likelier than the other: it joins neither.
account_choices as (

    select
        own_key,
        component,
        count(*) over (partition by own_key, confidence) as equal_count
    from account_scores
    qualify
        row_number() over (
            partition by own_key order by confidence desc nulls last, component asc nulls last
        ) = 1

),

settled as (

    select
        grouped.*,
        coalesce(account_choices.component, grouped.component) as customer_component,
        account_choices.own_key is not null as is_attached
    from grouped
    left join account_choices
        on grouped.own_key = account_choices.own_key
        and account_choices.equal_count = 1

),

guest_candidates as (

    select
        nameless.own_key,
        named_side.customer_component as component,
        both_ways.rule_code,
        max(both_ways.confidence) as confidence
    from both_ways
    inner join settled as nameless
        on both_ways.own_key = nameless.own_key
    inner join settled as named_side
        on both_ways.other_own_key = named_side.own_key
    where nameless.is_nameless and nameless.is_guest and not named_side.is_guest
    group by nameless.own_key, named_side.customer_component, both_ways.rule_code

),

guest_scores as (

    select
        own_key,
        component,
        sum(confidence) as confidence
    from guest_candidates
    group by own_key, component

),

guest_choices as (

    select
        own_key,
        component,
        count(*) over (partition by own_key, confidence) as equal_count
    from guest_scores
    qualify
        row_number() over (
            partition by own_key order by confidence desc nulls last, component asc nulls last
        ) = 1

),

connected as (

    select
        settled.own_key,
        settled.namespace,
        settled.record_id,
        settled.is_in_crm,
        settled.is_guest,
        settled.first_seen_at,
        settled.is_attached or guest_choices.own_key is not null as is_attached,
        settled.is_guest and settled.is_nameless and guest_choices.own_key is null
            as is_anonymous,
        coalesce(guest_choices.component, settled.customer_component) as component
    from settled
    left join guest_choices
        on settled.own_key = guest_choices.own_key
        and guest_choices.equal_count = 1

)

select * from connected

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

    select * from {{ ref('int_identity_rules__in_use') }}

),

decisions as (

    select * from {{ ref('int_identity_decisions__newest') }}

),

named as (

    select distinct
        namespace,
        record_id
    from identifiers
    where attribute = 'name'

),

placed as (

    select
        records.own_key,
        records.namespace,
        records.record_id,
        records.is_in_crm,
        records.is_guest,
        records.first_seen_at,
        coalesce(components.component, records.own_key) as component,
        named.record_id is not null as is_named
    from records
    left join components
        on records.own_key = components.node
    left join named
        on records.namespace = named.namespace
        and records.record_id = named.record_id

),

-- Who is linked goes together: a name of one is the name of all.
grouped as (

    select
        *,
        not max(is_named) over (partition by component) as is_nameless,
        min(is_guest) over (partition by component) as has_guests_only
    from placed

),

attaching_pairs as (

    select
        paired.own_key,
        paired.other_own_key,
        rules.rule_code,
        rules.confidence
    from paired
    inner join rules
        on paired.rule_code = rules.rule_code
    where rules.action = 'attach' and rules.ended_on is null

),

both_ways as (

    select
        own_key,
        other_own_key,
        rule_code,
        confidence
    from attaching_pairs
    union all
    select
        other_own_key as own_key,
        own_key as other_own_key,
        rule_code,
        confidence
    from attaching_pairs

),

-- Somebody's word that two are not the same holds for what has no name as well, whoever
-- else of that customer has its contacts.
apart as (

    select
        own_key,
        other_own_key
    from decisions
    where verdict = 'different'
    union all
    select
        other_own_key as own_key,
        own_key as other_own_key
    from decisions
    where verdict = 'different'

),

components_apart as (

    select distinct
        grouped.component,
        other_side.component as other_component
    from apart
    inner join grouped
        on apart.own_key = grouped.own_key
    inner join grouped as other_side
        on apart.other_own_key = other_side.own_key

),

-- A record of a system without a name, such as an account that the CRM does not know, goes to
-- the one customer whom its contacts speak for. First such records, then guests.
account_candidates as (

    select
        nameless.component,
        named_side.component as customer_component,
        both_ways.rule_code,
        max(both_ways.confidence) as confidence
    from both_ways
    inner join grouped as nameless
        on both_ways.own_key = nameless.own_key
    inner join grouped as named_side
        on both_ways.other_own_key = named_side.own_key
    left join components_apart
        on nameless.component = components_apart.component
        and named_side.component = components_apart.other_component
    where
        nameless.is_nameless
        and not nameless.has_guests_only
        and not named_side.is_nameless
        and components_apart.component is null
    group by nameless.component, named_side.component, both_ways.rule_code

),

account_choices as (

    {{ likeliest_customers('account_candidates', 'components_apart') | indent(4) }}

),

settled as (

    select
        grouped.*,
        coalesce(account_choices.customer_component, grouped.component) as customer_component,
        account_choices.component is not null as is_attached
    from grouped
    left join account_choices
        on grouped.component = account_choices.component

),

customers_apart as (

    select distinct
        settled.component,
        other_side.customer_component
    from apart
    inner join settled
        on apart.own_key = settled.own_key
    inner join settled as other_side
        on apart.other_own_key = other_side.own_key

),

guest_candidates as (

    select
        nameless.component,
        named_side.customer_component,
        both_ways.rule_code,
        max(both_ways.confidence) as confidence
    from both_ways
    inner join settled as nameless
        on both_ways.own_key = nameless.own_key
    inner join settled as named_side
        on both_ways.other_own_key = named_side.own_key
    left join customers_apart
        on nameless.component = customers_apart.component
        and named_side.customer_component = customers_apart.customer_component
    where
        nameless.has_guests_only
        and not named_side.has_guests_only
        and customers_apart.component is null
    group by nameless.component, named_side.customer_component, both_ways.rule_code

),

guest_choices as (

    {{ likeliest_customers('guest_candidates', 'components_apart') | indent(4) }}

),

connected as (

    select
        settled.own_key,
        settled.namespace,
        settled.record_id,
        settled.is_in_crm,
        settled.is_guest,
        settled.first_seen_at,
        settled.is_attached or guest_choices.component is not null as is_attached,
        settled.has_guests_only and guest_choices.component is null as is_anonymous,
        coalesce(guest_choices.customer_component, settled.customer_component) as component
    from settled
    left join guest_choices
        on settled.component = guest_choices.component

)

select * from connected

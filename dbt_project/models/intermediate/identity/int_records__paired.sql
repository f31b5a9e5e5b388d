with identifiers as (

    select * from {{ ref('int_identifiers__normalised') }}

),

shared_values as (

    select * from {{ ref('int_identifiers__shared') }}

),

rules as (

    select * from {{ ref('int_identity_rules__in_use') }}

),

records as (

    select * from {{ ref('int_records__unioned') }}

),

-- Only a value on two records or more pairs them, and not one that everybody has.
telling as (

    select
        records.own_key,
        records.is_guest,
        identifiers.attribute,
        identifiers.value,
        max(identifiers.is_current) as is_current,
        min(identifiers.first_told_at) as first_told_at
    from identifiers
    inner join shared_values
        on identifiers.attribute = shared_values.attribute
        and identifiers.value = shared_values.value
    inner join records
        on identifiers.namespace = records.namespace
        and identifiers.record_id = records.record_id
    where not shared_values.is_blocked
    group by records.own_key, records.is_guest, identifiers.attribute, identifiers.value

),

matchable as (

    select
        rules.rule_code,
        rules.ended_on as rule_ended_on,
        rules.uses,
        telling.own_key,
        telling.is_guest,
        telling.value,
        coalesce(further.value, '') as further_value,
        telling.is_current and coalesce(further.is_current, true) as is_current,
        greatest(
            telling.first_told_at, coalesce(further.first_told_at, telling.first_told_at)
        ) as first_told_at
    from telling
    inner join rules
        on telling.attribute = rules.attribute
    left join telling as further
        on telling.own_key = further.own_key
        and rules.with_attribute = further.attribute
    where rules.with_attribute is null or further.value is not null

),

-- Two guests with one contact are one record already, and nobody knows more of either.
pairs as (

    select
        first_records.rule_code,
        first_records.own_key,
        other_records.own_key as other_own_key,
        min(first_records.rule_ended_on) as rule_ended_on,
        max(
            first_records.uses = 'ever' or first_records.is_current and other_records.is_current
        ) as has_current_values,
        min(greatest(first_records.first_told_at, other_records.first_told_at)) as linked_at
    from matchable as first_records
    inner join matchable as other_records
        on first_records.rule_code = other_records.rule_code
        and first_records.value = other_records.value
        and first_records.further_value = other_records.further_value
        and first_records.own_key < other_records.own_key
    where not (first_records.is_guest and other_records.is_guest)
    group by first_records.rule_code, first_records.own_key, other_records.own_key

)

select * from pairs

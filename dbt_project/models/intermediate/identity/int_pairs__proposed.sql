with paired as (

    select * from {{ ref('int_records__paired') }}

),

rules as (

    select * from {{ ref('int_identity_rules__in_use') }}

),

decisions as (

    select * from {{ ref('int_identity_decisions__newest') }}

),

links as (

    select * from {{ ref('int_links__in_force') }}

),

records as (

    select * from {{ ref('int_records__unioned') }}

),

linked_by_hand as (

    select
        rules.rule_code,
        decisions.own_key,
        decisions.other_own_key,
        cast(null as date) as rule_ended_on,
        true as has_current_values,
        decisions.first_linked_at as linked_at,
        cast(null as double) as match_probability,
        cast(null as double) as match_weight,
        cast(null as string) as match_evidence
    from decisions
    inner join rules
        on rules.rule_code = 'by_hand'
        and rules.ended_on is null
    where decisions.first_linked_at is not null

),

keyed_links as (

    select
        {{ surrogate_key(['namespace', 'record_id']) }} as named_key,
        {{ surrogate_key(['other_namespace', 'other_record_id']) }} as other_named_key,
        match_probability,
        match_weight,
        evidence,
        serves_from
    from links

),

-- Of the rules that a probability reaches, the best.
probable as (

    select
        rules.rule_code,
        least(keyed_links.named_key, keyed_links.other_named_key) as own_key,
        greatest(keyed_links.named_key, keyed_links.other_named_key) as other_own_key,
        cast(null as date) as rule_ended_on,
        true as has_current_values,
        cast(keyed_links.serves_from as timestamp) as linked_at,
        cast(keyed_links.match_probability as double) as match_probability,
        cast(keyed_links.match_weight as double) as match_weight,
        keyed_links.evidence as match_evidence
    from keyed_links
    inner join rules
        on cast(keyed_links.match_probability as double) >= rules.least_probability
        and rules.ended_on is null
    inner join records
        on keyed_links.named_key = records.own_key
    inner join records as other_records
        on keyed_links.other_named_key = other_records.own_key
    qualify
        row_number() over (
            partition by keyed_links.named_key, keyed_links.other_named_key
            order by rules.rule_order asc nulls last
        ) = 1

),

proposed as (

    select
        rule_code,
        own_key,
        other_own_key,
        rule_ended_on,
        has_current_values,
        linked_at,
        cast(null as double) as match_probability,
        cast(null as double) as match_weight,
        cast(null as string) as match_evidence
    from paired
    union all
    select * from linked_by_hand
    union all
    select * from probable

)

select * from proposed

with proposed as (

    select * from {{ ref('int_pairs__proposed') }}

),

compared as (

    select * from {{ ref('int_pairs__compared') }}

),

rules as (

    select * from {{ ref('int_identity_rules__in_use') }}

),

attributes as (

    select * from {{ ref('int_identity_attributes__in_use') }}

),

decisions as (

    select * from {{ ref('int_identity_decisions__newest') }}

),

records as (

    select * from {{ ref('int_records__unioned') }}

),

crm_customers as (

    select * from {{ ref('int_customers__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- Two different values of such an attribute speak against all but better proof.
vetoes as (

    select
        compared.own_key,
        compared.other_own_key,
        max(attributes.vetoes_below) as vetoes_below
    from compared
    inner join attributes
        on compared.attribute = attributes.attribute
    where not compared.agrees and attributes.vetoes_below is not null
    group by compared.own_key, compared.other_own_key

),

corrections as (

    select
        records.own_key,
        crm_customers.version_at
    from crm_customers
    inner join records
        on records.namespace = 'crm'
        and crm_customers.source_customer_id = records.record_id

),

weighed as (

    select
        proposed.own_key,
        proposed.other_own_key,
        proposed.rule_code,
        rules.rule_order,
        rules.action,
        rules.confidence,
        proposed.match_probability,
        proposed.match_weight,
        proposed.match_evidence,
        records.is_guest or other_records.is_guest as has_guest,
        coalesce(vetoes.vetoes_below > rules.confidence, false) as is_vetoed,
        decisions.verdict,
        proposed.linked_at,
        case
            when decisions.verdict = 'different' then decisions.decided_on
            when proposed.rule_ended_on is not null then proposed.rule_ended_on
            when not proposed.has_current_values
                then {{ business_day(
                    'greatest(coalesce(corrections.version_at, other_corrections.version_at), '
                    ~ 'coalesce(other_corrections.version_at, corrections.version_at))',
                    'parameters.business_timezone'
                ) }}
        end as ended_on,
        case
            when decisions.verdict = 'different' then 'decided_different'
            when proposed.rule_ended_on is not null then 'rule_ended'
            when not proposed.has_current_values then 'value_corrected'
        end as ended_because
    from proposed
    inner join rules
        on proposed.rule_code = rules.rule_code
    inner join records
        on proposed.own_key = records.own_key
    inner join records as other_records
        on proposed.other_own_key = other_records.own_key
    left join vetoes
        on proposed.own_key = vetoes.own_key
        and proposed.other_own_key = vetoes.other_own_key
    left join decisions
        on proposed.own_key = decisions.own_key
        and proposed.other_own_key = decisions.other_own_key
    left join corrections
        on proposed.own_key = corrections.own_key
    left join corrections as other_corrections
        on proposed.other_own_key = other_corrections.own_key
    cross join parameters

),

-- A guest joins whoever is there and brings no two together.
judged as (

    select
        own_key,
        other_own_key,
        rule_code,
        rule_order,
        action,
        confidence,
        match_probability,
        match_weight,
        match_evidence,
        is_vetoed,
        verdict,
        action = 'link' and not is_vetoed and (not has_guest or rule_code = 'by_hand') as is_link,
        ended_because,
        linked_at,
        ended_on
    from weighed

)

select * from judged

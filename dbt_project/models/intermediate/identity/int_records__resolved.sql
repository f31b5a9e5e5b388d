-- A guest whom nobody knows is no customer: their orders are revenue in nobody's history.
with connected as (

    select * from {{ ref('int_records__connected') }}

),

judged as (

    select * from {{ ref('int_pairs__judged') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- A customer's key is that of the oldest record: younger ones that join do not move it, nor
-- does what is only attached, since it goes where its contact is.
customers as (

    select
        component,
        not max(is_in_crm) as is_inferred,
        max(case when age_rank = 1 then own_key end) as customer_key
    from (
        select
            *,
            row_number() over (
                partition by component
                order by
                    is_attached asc nulls last,
                    is_guest asc nulls last,
                    first_seen_at asc nulls last,
                    namespace asc nulls last,
                    record_id asc nulls last
            ) as age_rank
        from connected
        where not is_anonymous
    ) as ranked
    group by component

),

both_ways as (

    select
        own_key,
        other_own_key,
        rule_code,
        rule_order,
        action,
        confidence,
        is_link,
        linked_at,
        ended_on
    from judged
    union all
    select
        other_own_key as own_key,
        own_key as other_own_key,
        rule_code,
        rule_order,
        action,
        confidence,
        is_link,
        linked_at,
        ended_on
    from judged

),

-- Why a record is where it is: the best rule that holds between it and another one there.
reasons as (

    select
        both_ways.own_key,
        both_ways.rule_code,
        both_ways.confidence,
        both_ways.linked_at,
        partners.namespace as matched_namespace,
        partners.record_id as matched_record_id
    from both_ways
    inner join connected
        on both_ways.own_key = connected.own_key
    inner join connected as partners
        on both_ways.other_own_key = partners.own_key
        and connected.component = partners.component
    where
        both_ways.ended_on is null
        and (
            both_ways.is_link
            or (
                connected.is_attached
                and both_ways.action = 'attach'
                and not (partners.is_guest and partners.is_attached)
            )
        )
    qualify
        row_number() over (
            partition by both_ways.own_key
            order by
                both_ways.rule_order asc nulls last,
                both_ways.linked_at asc nulls last,
                both_ways.other_own_key asc nulls last
        ) = 1

),

resolved as (

    select
        connected.namespace,
        connected.record_id,
        connected.own_key,
        customers.customer_key,
        case
            when connected.own_key = customers.customer_key then 'own_record'
            else coalesce(reasons.rule_code, 'own_record')
        end as match_rule,
        case when connected.own_key <> customers.customer_key then reasons.matched_namespace end
            as matched_namespace,
        case when connected.own_key <> customers.customer_key then reasons.matched_record_id end
            as matched_record_id,
        case when connected.own_key <> customers.customer_key then reasons.confidence end
            as confidence,
        connected.is_in_crm,
        customers.is_inferred,
        connected.first_seen_at,
        case
            when connected.own_key <> customers.customer_key
                then {{ business_day('reasons.linked_at', 'parameters.business_timezone') }}
        end as linked_on
    from connected
    inner join customers
        on connected.component = customers.component
    left join reasons
        on connected.own_key = reasons.own_key
    cross join parameters
    where not connected.is_anonymous

)

select * from resolved

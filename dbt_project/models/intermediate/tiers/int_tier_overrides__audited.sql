with overrides as (

    select * from {{ ref('int_tier_overrides__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

claims as (

    select * from {{ ref('int_tier_overrides__claimed') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

evaluated as (

    select * from {{ ref('int_tiers__evaluated') }}

),

staff as (

    select * from {{ ref('int_staff__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- Those that name a tier which the customer's policy has on at least one of their days.
possible_overrides as (

    select
        claims.override_id,
        max(claims.tier_rank) as tier_rank,
        count(
            case
                when
                    parameters.as_of_date >= claims.valid_from
                    and parameters.as_of_date <= claims.valid_to
                    then 1
            end
        ) > 0 as is_possible_today
    from claims
    cross join parameters
    group by claims.override_id

),

effective_overrides as (

    select
        tiers.override_id,
        min(tiers.valid_from) as effective_from,
        max(tiers.valid_to) as effective_to,
        count(case when tiers.valid_to >= parameters.as_of_date then 1 end) > 0 as is_in_force
    from tiers
    inner join parameters
        on tiers.valid_from <= parameters.as_of_date
    where tiers.is_override
    group by tiers.override_id

),

-- What would be in force without an override: a preview within a month decides nothing.
evaluated_tiers as (

    select
        customer_key,
        tier_code,
        tier_rank
    from evaluated
    where not is_provisional
    qualify
        row_number() over (partition by customer_key order by evaluation_date desc nulls last)
        = 1

),

explained_overrides as (

    select
        overrides.override_id,
        records.customer_key,
        overrides.source_customer_id,
        overrides.tier_code,
        evaluated_tiers.tier_code as evaluated_tier_code,
        case
            when possible_overrides.tier_rank > evaluated_tiers.tier_rank then 'higher'
            when possible_overrides.tier_rank < evaluated_tiers.tier_rank then 'lower'
            when possible_overrides.tier_rank = evaluated_tiers.tier_rank then 'same'
        end as direction,
        case
            when records.customer_key is null then 'unknown_customer'
            when overrides.valid_to < overrides.valid_from then 'no_days'
            when possible_overrides.override_id is null then 'tier_not_in_policy'
            when effective_overrides.is_in_force then null
            when overrides.valid_from > parameters.as_of_date then null
            when overrides.valid_to >= parameters.as_of_date
                then
                    case
                        when possible_overrides.is_possible_today then 'replaced'
                        else 'tier_not_in_policy'
                    end
            when effective_overrides.override_id is null then 'replaced'
        end as no_effect_code,
        overrides.valid_from > parameters.as_of_date as is_ahead,
        coalesce(effective_overrides.is_in_force, false) as is_in_force,
        overrides.approved_by,
        staff.staff_id is not null
        and coalesce(staff.left_on >= overrides.valid_from, true)
        and coalesce(staff.hired_on <= overrides.valid_from, true) as is_approver_known,
        overrides.valid_from,
        overrides.valid_to,
        effective_overrides.effective_from,
        effective_overrides.effective_to
    from overrides
    cross join parameters
    left join records
        on records.namespace = 'crm'
        and overrides.source_customer_id = records.record_id
    left join possible_overrides
        on overrides.override_id = possible_overrides.override_id
    left join effective_overrides
        on overrides.override_id = effective_overrides.override_id
    left join evaluated_tiers
        on records.customer_key = evaluated_tiers.customer_key
    left join staff
        on overrides.approved_by = staff.staff_id

),

audited as (

    select
        override_id,
        customer_key,
        source_customer_id,
        tier_code,
        evaluated_tier_code,
        direction,
        case
            when no_effect_code is not null then 'no_effect'
            when is_ahead then 'planned'
            when is_in_force then 'in_force'
            else 'expired'
        end as status_code,
        no_effect_code,
        approved_by,
        is_approver_known,
        valid_from,
        valid_to,
        effective_from,
        effective_to
    from explained_overrides

)

select * from audited

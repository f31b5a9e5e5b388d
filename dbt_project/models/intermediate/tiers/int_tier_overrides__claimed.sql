with overrides as (

    select * from {{ ref('int_tier_overrides__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

typed_customers as (

    select * from {{ ref('int_customers__typed') }}

),

policies as (

    select * from {{ ref('int_tier_policies__live') }}

),

levels as (

    select * from {{ ref('tier_levels') }}

),

-- Only a tier that the customer's own policy has on the day can be set by hand.
claims_by_version as (

    select
        overrides.override_id,
        records.customer_key,
        levels.tier_code,
        levels.tier_rank,
        overrides.version_at,
        greatest(overrides.valid_from, policies.valid_from) as valid_from,
        least(overrides.valid_to, policies.valid_to) as valid_to
    from overrides
    inner join records
        on records.namespace = 'crm'
        and overrides.source_customer_id = records.record_id
    inner join typed_customers
        on records.customer_key = typed_customers.customer_key
    inner join policies
        on typed_customers.customer_type = policies.customer_type
        and overrides.valid_to >= policies.valid_from
        and overrides.valid_from <= policies.valid_to
    inner join levels
        on policies.policy_code = levels.policy_code
        and policies.policy_version = levels.policy_version
        and overrides.tier_code = levels.tier_code
    where overrides.valid_from <= overrides.valid_to

),

linked_claims as (

    select
        *,
        coalesce(
            valid_from
            > lag(valid_to) over (partition by override_id order by valid_from nulls last) + 1,
            true
        ) as is_first
    from claims_by_version

),

numbered_claims as (

    select
        *,
        sum(case when is_first then 1 else 0 end) over (
            partition by override_id
            order by valid_from nulls last
            rows between unbounded preceding and current row
        ) as claim_number
    from linked_claims

),

-- A version that follows another and has the tier, too, does not interrupt.
claimed as (

    select
        override_id,
        customer_key,
        tier_code,
        tier_rank,
        version_at,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from numbered_claims
    group by override_id, customer_key, tier_code, tier_rank, version_at, claim_number

)

select * from claimed

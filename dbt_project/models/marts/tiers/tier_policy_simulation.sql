with simulated as (

    select * from {{ ref('int_tiers__simulated') }}

),

tier_policy_simulation as (

    select
        scenario,
        policy_customer_type as customer_type,
        evaluation_date,
        tier_code,
        tier_rank,
        is_provisional,
        policy_code,
        policy_version,
        customer_count,
        customer_share,
        value_365_amount,
        value_share,
        promoted_count,
        demoted_count,
        held_count,
        up_and_down_count,
        entitlement_amount
    from simulated

)

select * from tier_policy_simulation

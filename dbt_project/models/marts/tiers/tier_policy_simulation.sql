with simulated as (

    select * from {{ ref('int_tiers__simulated') }}

),

fairness as (

    select * from {{ ref('int_fairness__compared') }}

),

flags as (

    select
        scenario,
        customer_type,
        evaluation_date,
        tier_code,
        count(case when is_flagged then 1 end) as flagged_group_count
    from fairness
    where outcome_code = 'tier'
    group by scenario, customer_type, evaluation_date, tier_code

),

tier_policy_simulation as (

    select
        simulated.scenario,
        simulated.policy_customer_type as customer_type,
        simulated.evaluation_date,
        simulated.tier_code,
        simulated.tier_rank,
        simulated.is_provisional,
        simulated.policy_code,
        simulated.policy_version,
        simulated.customer_count,
        simulated.customer_share,
        simulated.value_365_amount,
        simulated.value_share,
        simulated.promoted_count,
        simulated.demoted_count,
        simulated.held_count,
        simulated.up_and_down_count,
        simulated.entitlement_amount,
        flags.flagged_group_count
    from simulated
    left join flags
        on simulated.scenario = flags.scenario
        and simulated.policy_customer_type = flags.customer_type
        and simulated.evaluation_date = flags.evaluation_date
        and simulated.tier_code = flags.tier_code

)

select * from tier_policy_simulation

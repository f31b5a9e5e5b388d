with simulated as (

    select * from {{ ref('int_tiers__simulated') }}

),

fairness as (

    select * from {{ ref('int_fairness__compared') }}

),

policies as (

    select * from {{ ref('tier_policies') }}

),

definitions as (

    select * from {{ ref('kpi_definitions') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}

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

goals as (

    select
        policies.policy_code,
        policies.policy_version,
        policies.goal_kpi_code,
        definitions.label_en as goal_label_en,
        definitions.label_zh as goal_label_zh,
        policies.goal_target,
        case when definitions.is_higher_better then 1 else -1 end as direction
    from policies
    inner join definitions
        on policies.goal_kpi_code = definitions.kpi_code

),

-- What the customers that a policy is for reached in the month, whichever policy was in use.
reached as (

    select
        kpi_code,
        month,
        member as customer_type,
        value
    from kpi_values
    where dimension = 'customer_type'

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
        flags.flagged_group_count,
        goals.goal_kpi_code,
        goals.goal_label_en,
        goals.goal_label_zh,
        goals.goal_target,
        reached.value as goal_value,
        goals.direction * reached.value >= goals.direction * goals.goal_target
            as is_goal_reached
    from simulated
    left join flags
        on simulated.scenario = flags.scenario
        and simulated.policy_customer_type = flags.customer_type
        and simulated.evaluation_date = flags.evaluation_date
        and simulated.tier_code = flags.tier_code
    left join goals
        on simulated.policy_code = goals.policy_code
        and simulated.policy_version = goals.policy_version
    left join reached
        on goals.goal_kpi_code = reached.kpi_code
        and simulated.policy_customer_type = reached.customer_type
        and cast(date_trunc('month', simulated.evaluation_date) as date) = reached.month

)

select * from tier_policy_simulation

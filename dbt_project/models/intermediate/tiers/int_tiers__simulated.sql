with touched as (

    {{ touched_rows(ref('int_tiers__decided')) }}

),

decided as (

    select * from {{ ref('int_tiers__decided') }}

),

levels as (

    select * from {{ ref('tier_levels') }}

),

moves as (

    select
        scenario,
        customer_key,
        evaluation_number,
        reason_code
    from decided
    where reason_code in ('promoted', 'demoted') and not is_provisional

),

evaluations as (

    select distinct
        evaluation_date,
        evaluation_number
    from touched

),

-- Whoever went up and down within the twelve evaluations up to this one.
flapping as (

    select
        moves.scenario,
        moves.customer_key,
        evaluations.evaluation_number
    from evaluations
    inner join moves
        on evaluations.evaluation_number >= moves.evaluation_number
        and evaluations.evaluation_number < moves.evaluation_number + 12
    group by moves.scenario, moves.customer_key, evaluations.evaluation_number
    having
        max(moves.reason_code = 'promoted')
        and max(moves.reason_code = 'demoted')

),

counted as (

    select
        touched.scenario,
        touched.policy_customer_type,
        touched.evaluation_date,
        touched.is_provisional,
        touched.policy_code,
        touched.policy_version,
        touched.tier_code,
        touched.tier_rank,
        count(*) as customer_count,
        cast(sum(touched.value_365_amount) as decimal(28, 4)) as value_365_amount,
        count(case when touched.reason_code = 'promoted' then 1 end) as promoted_count,
        count(case when touched.reason_code = 'demoted' then 1 end) as demoted_count,
        count(case when touched.reason_code = 'held' then 1 end) as held_count,
        count(flapping.customer_key) as up_and_down_count
    from touched
    left join flapping
        on touched.scenario = flapping.scenario
        and touched.customer_key = flapping.customer_key
        and touched.evaluation_number = flapping.evaluation_number
    group by
        touched.scenario,
        touched.policy_customer_type,
        touched.evaluation_date,
        touched.is_provisional,
        touched.policy_code,
        touched.policy_version,
        touched.tier_code,
        touched.tier_rank

),

totals as (

    select
        scenario,
        policy_customer_type,
        evaluation_date,
        sum(customer_count) as customer_count,
        sum(value_365_amount) as value_365_amount
    from counted
    group by scenario, policy_customer_type, evaluation_date

),

simulated as (

    select
        counted.*,
        cast(counted.customer_count as double) / nullif(totals.customer_count, 0)
            as customer_share,
        -- Of a sum that is not above 0 there are no shares.
        case
            when totals.value_365_amount > 0
                then
                    cast(counted.value_365_amount as double)
                    / nullif(cast(totals.value_365_amount as double), 0)
        end as value_share,
        cast(counted.customer_count * levels.budget_amount as decimal(28, 4))
            as entitlement_amount
    from counted
    inner join totals
        on counted.scenario = totals.scenario
        and counted.policy_customer_type = totals.policy_customer_type
        and counted.evaluation_date = totals.evaluation_date
    left join levels
        on counted.policy_code = levels.policy_code
        and counted.policy_version = levels.policy_version
        and counted.tier_code = levels.tier_code

)

select * from simulated

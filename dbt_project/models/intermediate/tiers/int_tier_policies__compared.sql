with decided as (

    select * from {{ ref('int_tiers__decided') }}

),

latest as (

    select *
    from decided
    where is_latest

),

live as (

    select *
    from latest
    where scenario = 'live'

),

-- What would change for a customer if a candidate were in use, had it always been.
compared as (

    select
        candidates.scenario,
        candidates.customer_key,
        candidates.evaluation_date,
        candidates.policy_customer_type,
        live.tier_code as live_tier_code,
        live.tier_rank as live_tier_rank,
        candidates.tier_code as candidate_tier_code,
        candidates.tier_rank as candidate_tier_rank,
        candidates.tier_rank - live.tier_rank as rank_difference,
        case
            when candidates.tier_rank > live.tier_rank then 'higher'
            when candidates.tier_rank < live.tier_rank then 'lower'
            else 'same'
        end as direction,
        live.score as live_score,
        candidates.score as candidate_score,
        candidates.value_365_amount
    from latest as candidates
    inner join live
        on candidates.customer_key = live.customer_key
    where candidates.scenario <> 'live'

)

select * from compared

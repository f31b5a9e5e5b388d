with evaluated as (

    {{ touched_rows(ref('int_tiers__evaluated')) }}

),

worded as (

    {{ touched_rows(ref('int_tiers__worded')) }}

),

customer_tiers as (

    select
        evaluated.customer_key,
        evaluated.evaluation_date,
        evaluated.is_provisional,
        evaluated.policy_code,
        evaluated.policy_version,
        evaluated.raw_tier_code,
        evaluated.tier_code,
        evaluated.tier_rank,
        evaluated.previous_tier_code,
        evaluated.reason_code,
        worded.reason_en,
        worded.reason_zh,
        evaluated.score,
        evaluated.value_points,
        evaluated.frequency_points,
        evaluated.recency_points,
        evaluated.tenure_points,
        evaluated.next_tier_code,
        evaluated.points_to_next_tier,
        evaluated.points_above_stay_bar,
        evaluated.evaluations_below,
        evaluated.falls_to_tier_code,
        evaluated.falls_on
    from evaluated
    left join worded
        on evaluated.customer_key = worded.customer_key
        and evaluated.evaluation_date = worded.evaluation_date

)

select * from customer_tiers

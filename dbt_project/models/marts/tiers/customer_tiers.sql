with evaluated as (

    {{ touched_rows(ref('int_tiers__evaluated')) }}

),

worded as (

    {{ touched_rows(ref('int_tiers__worded')) }}

),

amounts as (

    {{ touched_rows(ref('int_tier_amounts__needed')) }}

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
        evaluated.margin_points,
        evaluated.frequency_points,
        evaluated.recency_points,
        evaluated.tenure_points,
        evaluated.predicted_value_points,
        evaluated.active_months_points,
        evaluated.activity_points,
        evaluated.satisfaction_points,
        evaluated.payment_points,
        evaluated.service_points,
        evaluated.other_points,
        evaluated.next_tier_code,
        evaluated.points_to_next_tier,
        amounts.amount_to_next_tier,
        evaluated.points_above_stay_bar,
        amounts.amount_above_stay_bar,
        evaluated.evaluations_below,
        evaluated.falls_to_tier_code,
        evaluated.falls_on
    from evaluated
    left join worded
        on evaluated.customer_key = worded.customer_key
        and evaluated.evaluation_date = worded.evaluation_date
    left join amounts
        on evaluated.customer_key = amounts.customer_key
        and evaluated.evaluation_date = amounts.evaluation_date

)

select * from customer_tiers

with scores as (

    select * from {{ ref('int_churn_scores__computed') }}

),

features as (

    select * from {{ ref('int_churn_features__measured') }}

),

purchases as (

    select * from {{ ref('int_purchases__sequenced') }}

),

losses as (

    select * from {{ ref('int_losses__dated') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

policies as (

    {{ valid_on_run_day(ref('backtest_policies')) }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

month_ends as (

    select distinct
        evaluation_date,
        horizon_days
    from scores
    where not is_provisional

),

closed_month_ends as (

    select
        month_ends.evaluation_date,
        month_ends.horizon_days,
        row_number() over (
            partition by month_ends.horizon_days
            order by month_ends.evaluation_date desc nulls last
        ) as newness
    from month_ends
    cross join parameters
    where month_ends.evaluation_date + month_ends.horizon_days <= parameters.as_of_date

),

cutoffs as (

    select
        closed_month_ends.evaluation_date,
        closed_month_ends.horizon_days,
        policies.most_customers,
        policies.recent_days
    from closed_month_ends
    inner join policies
        on closed_month_ends.newness <= policies.cutoff_count

),

scored as (

    select
        scores.*,
        cutoffs.most_customers,
        cutoffs.recent_days,
        count(*) over (partition by scores.evaluation_date, scores.horizon_days)
            as scored_count
    from scores
    inner join cutoffs
        on scores.evaluation_date = cutoffs.evaluation_date
        and scores.horizon_days = cutoffs.horizon_days

),

-- Of very many customers a part tells as much. It is chosen by a hash, so that it is the
-- same every night.
drawn as (

    select *
    from scored
    where
        {{ hash_share("customer_key || ' backtest'") }} * cast(scored_count as double)
        < cast(most_customers as double)

),

-- An order that was called off later was one in the eyes of the day that closed.
returned as (

    select distinct
        drawn.customer_key,
        drawn.evaluation_date
    from drawn
    inner join purchases
        on drawn.customer_key = purchases.customer_key
        and drawn.evaluation_date < purchases.purchased_on
        and drawn.evaluation_date + drawn.horizon_days >= purchases.purchased_on
    where coalesce(purchases.called_off_on > drawn.evaluation_date + drawn.horizon_days, true)

),

declared_losses as (

    select
        drawn.customer_key,
        drawn.evaluation_date,
        min(losses.lost_on) as lost_on
    from drawn
    inner join losses
        on drawn.customer_key = losses.customer_key
        and drawn.evaluation_date < losses.lost_on
    group by drawn.customer_key, drawn.evaluation_date

),

measured as (

    select
        drawn.customer_key,
        drawn.evaluation_date,
        drawn.horizon_days,
        drawn.policy_customer_type,
        coalesce(tiers.tier_code, 'none') as tier_code,
        features.recency_days <= drawn.recent_days as is_recent,
        drawn.scored_count,
        drawn.model_version,
        returned.customer_key is null as is_lost,
        -- What they brought in as many days before.
        {{ rounded(
            'features.net_revenue_365_amount * cast(drawn.horizon_days as double) / 365', 18, 4
        ) }} as usual_value_amount,
        case
            when returned.customer_key is null
                then {{ days_from('drawn.evaluation_date', 'declared_losses.lost_on') }}
        end as lead_days,
        drawn.churn_probability,
        drawn.no_purchase_probability,
        drawn.logistic_logit,
        drawn.value_at_risk,
        features.recency_days,
        features.purchase_day_count,
        features.net_revenue_365_amount,
        features.silence_ratio
    from drawn
    inner join features
        on drawn.customer_key = features.customer_key
        and drawn.evaluation_date = features.evaluation_date
    left join returned
        on drawn.customer_key = returned.customer_key
        and drawn.evaluation_date = returned.evaluation_date
    left join declared_losses
        on drawn.customer_key = declared_losses.customer_key
        and drawn.evaluation_date = declared_losses.evaluation_date
    left join tiers
        on drawn.customer_key = tiers.customer_key
        and drawn.evaluation_date >= tiers.valid_from
        and drawn.evaluation_date <= {{ or_forever('tiers.valid_to') }}

)

select * from measured

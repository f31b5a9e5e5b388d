{%- set feature_codes = churn_feature_codes() -%}
with outcomes as (

    select * from {{ ref('int_churn_outcomes__measured') }}

),

features as (

    select * from {{ ref('int_churn_features__measured') }}

),

eligible as (

    select * from {{ ref('int_customers__eligible') }}

),

signals as (

    select * from {{ ref('int_signals__dated') }}

),

indicators as (

    select * from {{ ref('warning_indicators') }}

),

earlier_visits as (

    select
        outcomes.customer_key,
        outcomes.evaluation_date,
        sum(signals.amount) as visit_count
    from outcomes
    inner join signals
        on outcomes.customer_key = signals.customer_key
        and outcomes.evaluation_date >= signals.from_on
        and outcomes.evaluation_date < signals.until_on
    where signals.signal_code = 'earlier_visit'
    group by outcomes.customer_key, outcomes.evaluation_date

),

habits as (

    select
        outcomes.customer_key,
        outcomes.evaluation_date,
        eligible.purchase_day_180_count - eligible.purchase_day_90_count as earlier_day_count,
        eligible.net_revenue_180_amount - eligible.net_revenue_90_amount
            as earlier_revenue_amount,
        earlier_visits.visit_count as earlier_visit_count
    from outcomes
    inner join eligible
        on outcomes.customer_key = eligible.customer_key
        and outcomes.evaluation_date = eligible.evaluation_date
    left join earlier_visits
        on outcomes.customer_key = earlier_visits.customer_key
        and outcomes.evaluation_date = earlier_visits.evaluation_date

),

-- A fall is judged from a habit on: what a feature compares with, in what its indicator asks
-- for at least.
compared_habits as (

    select
        customer_key,
        evaluation_date,
        'frequency_drop_share' as feature_code,
        cast(earlier_day_count as double) as reference_count,
        cast(null as double) as reference_amount
    from habits
    union all
    select
        customer_key,
        evaluation_date,
        'spend_drop_share' as feature_code,
        cast(earlier_day_count as double) as reference_count,
        cast(earlier_revenue_amount as double) as reference_amount
    from habits
    union all
    select
        customer_key,
        evaluation_date,
        'visit_drop_share' as feature_code,
        cast(earlier_visit_count as double) / 3 as reference_count,
        cast(null as double) as reference_amount
    from habits

),

feature_values as (

    select
        outcomes.customer_key,
        outcomes.evaluation_date,
        outcomes.tier_code,
        indicators.indicator_code,
        indicators.feature_code,
        indicators.unit,
        indicators.window_days,
        indicators.least_count,
        indicators.least_reference,
        case indicators.feature_code
            {% for code in feature_codes -%}
                when '{{ code }}' then features.{{ code }}
            {% endfor -%}
        end as feature_value
    from outcomes
    inner join features
        on outcomes.customer_key = features.customer_key
        and outcomes.evaluation_date = features.evaluation_date
    inner join indicators
        on outcomes.evaluation_date >= indicators.valid_from
        and outcomes.evaluation_date <= indicators.valid_to
    where indicators.is_active and indicators.feature_code is not null

),

-- A feature of 0 says that there is nothing to be judged, as a complaint that is not there;
-- what is older than its window is judged no more.
measures as (

    select
        feature_values.customer_key,
        feature_values.evaluation_date,
        feature_values.tier_code,
        feature_values.indicator_code,
        feature_values.feature_value as measure_value
    from feature_values
    left join compared_habits
        on feature_values.customer_key = compared_habits.customer_key
        and feature_values.evaluation_date = compared_habits.evaluation_date
        and feature_values.feature_code = compared_habits.feature_code
    where
        feature_values.feature_value > 0
        and coalesce(
            feature_values.unit <> 'days'
            or feature_values.feature_value < cast(feature_values.window_days as double),
            true
        )
        and coalesce(
            compared_habits.reference_count >= cast(feature_values.least_count as double), true
        )
        and coalesce(
            compared_habits.reference_amount >= cast(feature_values.least_reference as double),
            true
        )

),

gravest_thresholds as (

    {{ gravest_thresholds('measures', 'evaluation_date') }}

),

fired as (

    select *
    from gravest_thresholds
    where is_fired

),

replayed as (

    select
        outcomes.customer_key,
        outcomes.evaluation_date,
        count(case when fired.level = 'red' then 1 end) as red_count,
        count(case when fired.level = 'orange' then 1 end) as orange_count,
        count(case when fired.level = 'yellow' then 1 end) as yellow_count
    from outcomes
    left join fired
        on outcomes.customer_key = fired.customer_key
        and outcomes.evaluation_date = fired.evaluation_date
    group by outcomes.customer_key, outcomes.evaluation_date

)

select * from replayed

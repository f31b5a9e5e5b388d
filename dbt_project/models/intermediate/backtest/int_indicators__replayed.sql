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

indicators as (

    select * from {{ ref('warning_indicators') }}

),

-- A fall is judged from a habit on: what a feature compares with, in what its indicator asks
-- for at least.
feature_values as (

    select
        outcomes.customer_key,
        outcomes.evaluation_date,
        outcomes.tier_code,
        indicators.indicator_code,
        indicators.unit,
        indicators.window_days,
        indicators.least_count,
        indicators.least_reference,
        case indicators.feature_code
            {% for code in feature_codes -%}
                when '{{ code }}' then features.{{ code }}
            {% endfor -%}
        end as feature_value,
        case
            when indicators.feature_code in ('frequency_drop_share', 'spend_drop_share')
                then cast(
                    eligible.purchase_day_180_count - eligible.purchase_day_90_count as double
                )
            when indicators.feature_code = 'visit_drop_share'
                then features.earlier_visit_count / 3
        end as reference_count,
        case
            when indicators.feature_code = 'spend_drop_share'
                then cast(
                    eligible.net_revenue_180_amount - eligible.net_revenue_90_amount as double
                )
        end as reference_amount
    from outcomes
    inner join features
        on outcomes.customer_key = features.customer_key
        and outcomes.evaluation_date = features.evaluation_date
    inner join eligible
        on outcomes.customer_key = eligible.customer_key
        and outcomes.evaluation_date = eligible.evaluation_date
    inner join indicators
        on outcomes.evaluation_date >= indicators.valid_from
        and outcomes.evaluation_date <= indicators.valid_to
    where indicators.is_active and indicators.feature_code is not null

),

-- A feature of 0 says that there is nothing to be judged, as a complaint that is not there;
-- what is older than its window is judged no more.
measures as (

    select
        customer_key,
        evaluation_date,
        tier_code,
        indicator_code,
        feature_value as measure_value
    from feature_values
    where
        feature_value > 0
        and coalesce(unit <> 'days' or feature_value < cast(window_days as double), true)
        and coalesce(reference_count >= cast(least_count as double), true)
        and coalesce(reference_amount >= cast(least_reference as double), true)

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

with outcomes as (

    select * from {{ ref('int_churn_outcomes__measured') }}

),

features as (

    select * from {{ ref('int_churn_features__measured') }}

),

indicators as (

    select * from {{ ref('warning_indicators') }}

),

features_of_outcomes as (

    select features.*
    from features
    inner join outcomes
        on features.customer_key = outcomes.customer_key
        and features.evaluation_date = outcomes.evaluation_date

),

feature_values as (

    {{ churn_feature_rows(
        'features_of_outcomes', ['customer_key', 'evaluation_date'], churn_feature_codes(),
        'feature_value'
    ) }}

),

-- A feature of 0 says that there is nothing to be judged, as a complaint that is not there.
measures as (

    select
        outcomes.customer_key,
        outcomes.evaluation_date,
        outcomes.tier_code,
        indicators.indicator_code,
        feature_values.feature_value as measure_value
    from feature_values
    inner join outcomes
        on feature_values.customer_key = outcomes.customer_key
        and feature_values.evaluation_date = outcomes.evaluation_date
    inner join indicators
        on feature_values.feature_code = indicators.feature_code
        and feature_values.evaluation_date >= indicators.valid_from
        and feature_values.evaluation_date <= indicators.valid_to
    where feature_values.feature_value > 0 and indicators.is_active

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

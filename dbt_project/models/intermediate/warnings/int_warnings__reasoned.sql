{%- set feature_codes = churn_feature_codes() -%}
with warnings as (

    select * from {{ ref('int_warnings__levelled') }}

),

indicators as (

    select * from {{ ref('int_indicators__fired') }}

),

scores as (

    select * from {{ ref('int_churn_scores__computed') }}

),

features as (

    select * from {{ ref('int_churn_features__measured') }}

),

models as (

    select * from {{ ref('int_churn_models__served') }}

),

feature_list as (

    select * from {{ ref('churn_features') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- Only of whom is warned: of everyone it takes many times as long as the scores.
warned_features as (

    select features.*
    from warnings
    inner join features
        on warnings.customer_key = features.customer_key
        and warnings.as_of_date = features.evaluation_date

),

warned_scores as (

    select scores.*
    from warnings
    inner join scores
        on warnings.customer_key = scores.customer_key
        and warnings.as_of_date = scores.evaluation_date
    where scores.churn_probability is not null

),

feature_values as (

    {{ churn_feature_rows(
        'warned_features', ['customer_key'], feature_codes, 'feature_value'
    ) }}

),

contributions as (

    {{ churn_feature_rows(
        'warned_scores', ['customer_key', 'evaluation_date'],
        feature_codes + ['purchase_rhythm'], 'log_odds', '_log_odds'
    ) }}

),

-- What drives a score up, and has words: that somebody is an old customer has none. How
-- they bought is told where nothing else speaks.
speaking as (

    select
        contributions.customer_key,
        contributions.log_odds,
        contributions.log_odds >= warnings.least_reason_log_odds as is_heard,
        feature_list.feature_code,
        feature_list.indicator_code,
        feature_list.reason_class,
        feature_list.unit,
        feature_list.reason_en,
        feature_list.reason_zh,
        feature_values.feature_value,
        case
            when feature_list.is_logged
                then {{ exponential('models.reference_value') }} - 1
            else models.reference_value
        end as usual_value,
        warned_features.recency_days,
        warned_features.tenure_days,
        warned_features.purchase_day_count,
        warned_features.active_days / nullif(warned_features.purchase_day_count - 1, 0)
            as gap_days
    from contributions
    inner join warnings
        on contributions.customer_key = warnings.customer_key
    inner join feature_list
        on contributions.feature_code = feature_list.feature_code
    inner join warned_features
        on contributions.customer_key = warned_features.customer_key
    left join feature_values
        on contributions.customer_key = feature_values.customer_key
        and contributions.feature_code = feature_values.feature_code
    left join models
        on contributions.evaluation_date = models.evaluation_date
        and contributions.feature_code = models.parameter
        and models.component = 'logistic'
    where
        feature_list.reason_en is not null
        and (
            contributions.log_odds >= warnings.least_reason_log_odds
            or contributions.feature_code = 'purchase_rhythm'
        )

),

worded as (

    select
        *,
        {{ told_number('feature_value', 'unit') }} as value_text,
        -- A mean with one decimal: it is nobody's own count.
        {{ told_number(
            'usual_value', "case when unit in ('share', 'money') then unit else 'ratio' end", 'round'
        ) }} as usual_text,
        cast(cast(floor(recency_days) as bigint) as string) as recency_text,
        cast(cast(floor(tenure_days) as bigint) as string) as tenure_text,
        cast(cast(floor(purchase_day_count) as bigint) as string) as purchases_text,
        cast(cast(round(gap_days) as bigint) as string) as gap_text
    from speaking

),

reasons as (

    select
        indicators.customer_key,
        indicators.indicator_code as reason_code,
        indicators.indicator_code,
        indicators.reason_class,
        indicators.reason_en,
        indicators.reason_zh,
        indicators.level_order,
        indicators.sort_order,
        true as is_heard,
        cast(null as double) as log_odds
    from warnings
    inner join indicators
        on warnings.customer_key = indicators.customer_key
    where indicators.level_fired is not null
    union all
    select
        worded.customer_key,
        worded.feature_code as reason_code,
        coalesce(worded.indicator_code, worded.feature_code) as indicator_code,
        worded.reason_class,
        {{ filled_text('worded.reason_en', {
            'value': 'worded.value_text', 'usual': 'worded.usual_text',
            'recency': 'worded.recency_text', 'gap': 'worded.gap_text',
            'purchases': 'worded.purchases_text', 'tenure': 'worded.tenure_text',
            'currency': 'parameters.base_currency'
        }) }} as reason_en,
        {{ filled_text('worded.reason_zh', {
            'value': 'worded.value_text', 'usual': 'worded.usual_text',
            'recency': 'worded.recency_text', 'gap': 'worded.gap_text',
            'purchases': 'worded.purchases_text', 'tenure': 'worded.tenure_text',
            'currency': 'parameters.base_currency'
        }) }} as reason_zh,
        cast(null as bigint) as level_order,
        cast(null as bigint) as sort_order,
        worded.is_heard,
        worded.log_odds
    from worded
    cross join parameters

),

-- The same is said once: by the indicator that fires, else by the feature that weighs most.
said_once as (

    select *
    from reasons
    qualify
        row_number() over (
            partition by customer_key, indicator_code
            order by
                level_order asc nulls last,
                log_odds desc nulls last,
                reason_code asc nulls last
        ) = 1

),

numbered as (

    select
        *,
        cast(row_number() over (
            partition by customer_key
            order by
                level_order asc nulls last,
                sort_order asc nulls last,
                log_odds desc nulls last,
                reason_code asc nulls last
        ) as bigint) as reason_number
    from said_once

),

-- First indicators, the gravest before others, then what weighs most in the score.
reasoned as (

    select
        numbered.customer_key,
        numbered.reason_number,
        numbered.reason_code,
        numbered.reason_class,
        numbered.reason_en,
        numbered.reason_zh,
        numbered.log_odds
    from numbered
    inner join warnings
        on numbered.customer_key = warnings.customer_key
        and numbered.reason_number <= warnings.reason_count
    where numbered.is_heard or numbered.reason_number = 1

)

select * from reasoned

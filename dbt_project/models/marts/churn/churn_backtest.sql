with metrics as (

    select * from {{ ref('int_churn_metrics__unpivoted') }}

),

rankings as (

    select * from {{ ref('churn_rankings') }}

),

labels as (

    select * from {{ ref('labels') }}

),

models as (

    select * from {{ ref('int_churn_models__served') }}

),

versions as (

    select distinct
        evaluation_date,
        fitted_through
    from models

),

churn_backtest as (

    select
        metrics.evaluation_date,
        cast(metrics.horizon_days as integer) as horizon_days,
        metrics.ranking_code,
        rankings.label_en as ranking_en,
        rankings.label_zh as ranking_zh,
        rankings.is_naive,
        metrics.segment_kind,
        metrics.segment_code,
        metrics.metric_code,
        labels.label_en as metric_en,
        labels.label_zh as metric_zh,
        metrics.metric_value,
        case
            when metrics.metric_code = 'auc' then greatest(metrics.metric_value - metrics.margin, 0)
            else metrics.metric_value - metrics.margin
        end as metric_lower,
        case
            when metrics.metric_code = 'auc' then least(metrics.metric_value + metrics.margin, 1)
            else metrics.metric_value + metrics.margin
        end as metric_upper,
        metrics.scored_count,
        metrics.customer_count,
        metrics.lost_count,
        metrics.model_version,
        versions.fitted_through
    from metrics
    inner join rankings
        on metrics.ranking_code = rankings.ranking_code
    inner join labels
        on labels.list_code = 'backtest_metric'
        and metrics.metric_code = labels.code
    left join versions
        on metrics.evaluation_date = versions.evaluation_date

)

select * from churn_backtest

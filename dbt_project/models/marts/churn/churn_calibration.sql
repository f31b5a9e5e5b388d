with tenths as (

    select
        *,
        cast(lost_count as double) as hits,
        cast(customer_count as double) as trials
    from {{ ref('int_churn_tenths__measured') }}

),

rankings as (

    select * from {{ ref('churn_rankings') }}

),

churn_calibration as (

    select
        tenths.evaluation_date,
        cast(tenths.horizon_days as integer) as horizon_days,
        tenths.ranking_code,
        rankings.label_en as ranking_en,
        rankings.label_zh as ranking_zh,
        tenths.tenth,
        tenths.customer_count,
        tenths.lost_count,
        tenths.foretold_share,
        tenths.hits / nullif(tenths.trials, 0) as lost_share,
        {{ wilson_bound('tenths.hits', 'tenths.trials', -1) }} as lost_share_lower,
        {{ wilson_bound('tenths.hits', 'tenths.trials', 1) }} as lost_share_upper,
        tenths.model_version
    from tenths
    inner join rankings
        on tenths.ranking_code = rankings.ranking_code

)

select * from churn_calibration

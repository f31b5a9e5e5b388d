with ranked as (

    select * from {{ ref('int_churn_outcomes__ranked') }}

),

rankings as (

    select * from {{ ref('churn_rankings') }}

),

-- Equal probabilities are in one tenth; the first holds the most probable.
tenths as (

    select
        ranked.*,
        cast(floor(10 * ranked.place_share + 1) as integer) as tenth
    from ranked
    inner join rankings
        on ranked.ranking_code = rankings.ranking_code
    where rankings.is_probability

),

measured as (

    select
        evaluation_date,
        horizon_days,
        ranking_code,
        tenth,
        max(model_version) as model_version,
        cast(count(*) as bigint) as customer_count,
        cast(count(case when is_lost then 1 end) as bigint) as lost_count,
        cast(sum(score) as double) / nullif(cast(count(*) as double), 0) as foretold_share
    from tenths
    group by evaluation_date, horizon_days, ranking_code, tenth

)

select * from measured

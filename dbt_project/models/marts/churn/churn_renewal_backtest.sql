with scored as (

    select * from {{ ref('int_renewals__scored') }}

),

policies as (

    {{ valid_on_run_day(ref('backtest_policies')) }}

),

closed as (

    select
        *,
        dense_rank() over (order by evaluation_date desc nulls last) as newness
    from scored
    where outcome_number is not null

),

counted as (

    select
        closed.evaluation_date,
        closed.horizon_days,
        closed.contract_end,
        closed.is_troubled,
        closed.model_version,
        max(closed.known_count) as known_count,
        count(*) as customer_count,
        count(case when closed.is_lost then 1 end) as lost_count,
        cast(count(*) as double) as trials,
        cast(count(case when closed.is_lost then 1 end) as double) as hits,
        avg(closed.churn_probability) as foretold_share,
        avg(
            (closed.churn_probability - case when closed.is_lost then 1 else 0 end)
            * (closed.churn_probability - case when closed.is_lost then 1 else 0 end)
        ) as brier_score,
        avg(
            (closed.all_lost_share - case when closed.is_lost then 1 else 0 end)
            * (closed.all_lost_share - case when closed.is_lost then 1 else 0 end)
        ) as naive_brier_score
    from closed
    inner join policies
        on closed.newness <= policies.cutoff_count
    group by
        closed.evaluation_date,
        closed.horizon_days,
        closed.contract_end,
        closed.is_troubled,
        closed.model_version

),

churn_renewal_backtest as (

    select
        evaluation_date,
        cast(horizon_days as integer) as horizon_days,
        contract_end,
        is_troubled,
        known_count,
        customer_count,
        lost_count,
        foretold_share,
        hits / nullif(trials, 0) as lost_share,
        greatest({{ wilson_bound('hits', 'trials', -1) }}, 0) as lost_share_lower,
        least({{ wilson_bound('hits', 'trials', 1) }}, 1) as lost_share_upper,
        brier_score,
        naive_brier_score,
        model_version
    from counted

)

select * from churn_renewal_backtest

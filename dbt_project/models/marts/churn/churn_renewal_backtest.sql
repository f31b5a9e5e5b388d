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

judged as (

    select
        closed.*,
        case when closed.is_lost then 1 else 0 end as outcome
    from closed
    inner join policies
        on closed.newness <= policies.cutoff_count

),

-- Decimals, since a sum of doubles hangs on the order of rows.
counted as (

    select
        evaluation_date,
        horizon_days,
        contract_end,
        is_troubled,
        model_version,
        max(known_count) as known_count,
        count(*) as customer_count,
        sum(outcome) as lost_count,
        cast(count(*) as double) as trials,
        cast(sum(outcome) as double) as hits,
        cast(sum({{ rounded('churn_probability', 10, 9) }}) as double) as foretold_count,
        cast(sum({{ rounded(
            '(churn_probability - outcome) * (churn_probability - outcome)', 10, 9
        ) }}) as double) as squared_errors,
        cast(sum({{ rounded(
            '(all_lost_share - outcome) * (all_lost_share - outcome)', 10, 9
        ) }}) as double) as naive_squared_errors
    from judged
    group by evaluation_date, horizon_days, contract_end, is_troubled, model_version

),

churn_renewal_backtest as (

    select
        evaluation_date,
        cast(horizon_days as integer) as horizon_days,
        contract_end,
        is_troubled,
        known_count,
        customer_count,
        cast(lost_count as bigint) as lost_count,
        foretold_count / nullif(trials, 0) as foretold_share,
        hits / nullif(trials, 0) as lost_share,
        {{ wilson_bound('hits', 'trials', -1) }} as lost_share_lower,
        {{ wilson_bound('hits', 'trials', 1) }} as lost_share_upper,
        squared_errors / nullif(trials, 0) as brier_score,
        naive_squared_errors / nullif(trials, 0) as naive_brier_score,
        model_version
    from counted

)

select * from churn_renewal_backtest

with observed as (

    select * from {{ ref('int_renewals__observed') }}

),

rates as (

    select * from {{ ref('int_renewals__counted') }}

),

scored as (

    select
        observed.customer_key,
        observed.evaluation_date,
        observed.evaluation_number,
        observed.is_provisional,
        observed.horizon_days,
        observed.contract_end,
        observed.is_troubled,
        observed.outcome_number,
        observed.is_lost,
        rates.known_count,
        rates.churn_probability,
        rates.all_lost_share,
        -- What the year of the contract brings in as many days.
        cast(greatest(observed.value_365_amount, 0) as double) * observed.horizon_days / 365
            as expected_value,
        rates.model_version
    from observed
    inner join rates
        on observed.evaluation_date = rates.evaluation_date
        and observed.contract_end = rates.contract_end
        and observed.is_troubled = rates.is_troubled

)

select * from scored

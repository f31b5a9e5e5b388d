with contracts as (

    select * from {{ ref('int_contracts__resolved') }}

),

evaluations as (

    {{ touched_rows(ref('int_evaluations__fingerprinted')) }}

),

-- A contract ended before its time was running until then, and nobody knew better.
periods_by_evaluation as (

    select
        contracts.*,
        evaluations.evaluation_date,
        case
            when contracts.terminated_on <= evaluations.evaluation_date then contracts.last_on
            else contracts.ends_on
        end as known_last_on
    from contracts
    inner join evaluations
        on contracts.starts_on <= evaluations.evaluation_date
    where not contracts.is_called_off

),

periods_of_year as (

    select
        *,
        greatest(
            {{ days_from(
                'greatest(starts_on, evaluation_date - 364)',
                'least(known_last_on, evaluation_date)'
            ) }} + 1,
            0
        ) as day_365_count
    from periods_by_evaluation

),

evaluated as (

    select
        customer_key,
        evaluation_date,
        min(starts_on) as first_contract_on,
        max(known_last_on) as contract_ends_on,
        max(known_last_on >= evaluation_date) as has_running_contract,
        -- By day: what of each period lies in the 365 days up to the evaluation.
        cast(sum({{ rounded(
            'cast(amount as double) * day_365_count / nullif(day_count, 0)', 18, 4
        ) }}) as decimal(18, 4)) as contract_365_amount
    from periods_of_year
    group by customer_key, evaluation_date

)

select * from evaluated

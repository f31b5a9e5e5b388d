with contracts as (

    select * from {{ ref('int_contracts__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

evaluations as (

    {{ touched_rows(ref('int_evaluations__fingerprinted')) }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

periods as (

    select
        records.customer_key,
        contracts.contract_id,
        contracts.starts_on,
        contracts.ends_on,
        coalesce(contracts.amount, 0) as amount,
        {{ days_from('contracts.starts_on', 'contracts.ends_on') }} + 1 as day_count,
        {{ business_day('contracts.terminated_at', 'parameters.business_timezone') }}
            as terminated_on
    from contracts
    inner join records
        on records.namespace = 'crm'
        and contracts.source_customer_id = records.record_id
    cross join parameters
    where contracts.ends_on >= contracts.starts_on

),

-- A contract ended before its time was running until then, and nobody knew better.
periods_by_evaluation as (

    select
        periods.*,
        evaluations.evaluation_date,
        least(
            periods.ends_on,
            case
                when periods.terminated_on <= evaluations.evaluation_date
                    then periods.terminated_on
                else periods.ends_on
            end
        ) as last_on
    from periods
    inner join evaluations
        on periods.starts_on <= evaluations.evaluation_date

),

periods_of_year as (

    select
        *,
        greatest(
            {{ days_from(
                'greatest(starts_on, evaluation_date - 364)', 'least(last_on, evaluation_date)'
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
        max(last_on) as contract_ends_on,
        max(last_on >= evaluation_date) as has_running_contract,
        max(last_on < ends_on and last_on = terminated_on) as is_terminated,
        -- By day: what of each period lies in the 365 days up to the evaluation.
        cast(sum({{ rounded(
            'cast(amount as double) * day_365_count / nullif(day_count, 0)', 18, 4
        ) }}) as decimal(18, 4)) as contract_365_amount
    from periods_of_year
    group by customer_key, evaluation_date

)

select * from evaluated

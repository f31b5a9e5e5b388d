-- Contracts have no rhythm: what tells is when the last one that is signed ends, and whether
-- there is trouble.
with eligible as (

    select * from {{ ref('int_customers__eligible') }}

),

signals as (

    select * from {{ ref('int_signals__dated') }}

),

contracts as (

    select * from {{ ref('int_contracts__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

contract_customers as (

    select
        *,
        -- As many month ends later as the horizon has months.
        evaluation_number + cast(round(cast(horizon_days as double) * 12 / 365) as bigint)
            as outcome_number
    from eligible
    where value_basis = 'contracts'

),

-- What begins later binds already once it is signed.
signed_periods as (

    select
        records.customer_key,
        {{ business_day('contracts.event_at', 'parameters.business_timezone') }} as signed_on,
        contracts.starts_on,
        contracts.ends_on,
        {{ business_day('contracts.terminated_at', 'parameters.business_timezone') }}
            as terminated_on
    from contracts
    inner join records
        on records.namespace = 'crm'
        and contracts.source_customer_id = records.record_id
    cross join parameters

),

coming_periods as (

    select
        contract_customers.customer_key,
        contract_customers.evaluation_date,
        max(signed_periods.ends_on) as ends_on
    from contract_customers
    inner join signed_periods
        on contract_customers.customer_key = signed_periods.customer_key
        and contract_customers.evaluation_date >= signed_periods.signed_on
        and contract_customers.evaluation_date < signed_periods.starts_on
    where
        coalesce(
            signed_periods.terminated_on > contract_customers.evaluation_date, true
        )
    group by contract_customers.customer_key, contract_customers.evaluation_date

),

troubled_customers as (

    select distinct
        contract_customers.customer_key,
        contract_customers.evaluation_date
    from contract_customers
    inner join signals
        on contract_customers.customer_key = signals.customer_key
        and contract_customers.evaluation_date >= signals.from_on
        and contract_customers.evaluation_date < signals.until_on
    where
        signals.signal_code in (
            'complaint_open', 'breach', 'competitor', 'dissatisfied', 'invoice_overdue'
        )

),

-- Whoever had no contract that ran on the month end at which the horizon is over was lost,
-- whenever they come back.
observed as (

    select
        contract_customers.customer_key,
        contract_customers.evaluation_date,
        contract_customers.evaluation_number,
        contract_customers.is_provisional,
        contract_customers.is_latest,
        contract_customers.horizon_days,
        contract_customers.value_365_amount,
        case
            when
                greatest(
                    contract_customers.contract_ends_on,
                    coalesce(coming_periods.ends_on, contract_customers.contract_ends_on)
                ) > contract_customers.evaluation_date + contract_customers.horizon_days
                then 'later'
            when
                greatest(
                    contract_customers.contract_ends_on,
                    coalesce(coming_periods.ends_on, contract_customers.contract_ends_on)
                ) > contract_customers.evaluation_date + 30
                then 'within_horizon'
            else 'within_30_days'
        end as contract_end,
        troubled_customers.customer_key is not null as is_troubled,
        outcomes.evaluation_number as outcome_number,
        not outcomes.is_eligible as is_lost
    from contract_customers
    left join coming_periods
        on contract_customers.customer_key = coming_periods.customer_key
        and contract_customers.evaluation_date = coming_periods.evaluation_date
    left join troubled_customers
        on contract_customers.customer_key = troubled_customers.customer_key
        and contract_customers.evaluation_date = troubled_customers.evaluation_date
    left join contract_customers as outcomes
        on contract_customers.customer_key = outcomes.customer_key
        and contract_customers.outcome_number = outcomes.evaluation_number
        and not contract_customers.is_provisional
        and not outcomes.is_provisional
    where contract_customers.is_eligible

)

select * from observed

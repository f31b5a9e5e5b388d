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
        evaluation_number
        + greatest(cast(round(cast(horizon_days as double) * 12 / 365) as bigint), 1)
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
    where contracts.ends_on >= contracts.starts_on

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

dated as (

    select
        contract_customers.*,
        -- Of nulls both engines take no notice.
        greatest(contract_customers.contract_ends_on, coming_periods.ends_on) as bound_until,
        troubled_customers.customer_key is not null as is_troubled
    from contract_customers
    left join coming_periods
        on contract_customers.customer_key = coming_periods.customer_key
        and contract_customers.evaluation_date = coming_periods.evaluation_date
    left join troubled_customers
        on contract_customers.customer_key = troubled_customers.customer_key
        and contract_customers.evaluation_date = troubled_customers.evaluation_date
    where contract_customers.is_eligible

),

-- Whoever had no contract that ran on the month end at which the horizon is over was lost,
-- whenever they come back.
observed as (

    select
        dated.customer_key,
        dated.evaluation_date,
        dated.evaluation_number,
        dated.is_provisional,
        dated.horizon_days,
        dated.value_365_amount,
        case
            when dated.bound_until > dated.evaluation_date + dated.horizon_days then 'later'
            when dated.bound_until > dated.evaluation_date + 30 then 'within_horizon'
            else 'within_30_days'
        end as contract_end,
        dated.is_troubled,
        outcomes.evaluation_number as outcome_number,
        not outcomes.is_eligible as is_lost
    from dated
    left join contract_customers as outcomes
        on dated.customer_key = outcomes.customer_key
        and dated.outcome_number = outcomes.evaluation_number
        and not dated.is_provisional
        and not outcomes.is_provisional

)

select * from observed

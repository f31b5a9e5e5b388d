-- Contracts have no rhythm: what tells is when the last one that is signed ends, and whether
-- there is trouble.
with eligible as (

    select * from {{ ref('int_customers__eligible') }}

),

signals as (

    select * from {{ ref('int_signals__dated') }}

),

contracts as (

    select * from {{ ref('int_contracts__resolved') }}

),

policies as (

    select * from {{ ref('renewal_policies') }}

),

trouble_signals as (

    select * from {{ ref('renewal_signals') }}

),

contract_customers as (

    select
        *,
        -- As many month ends later as the horizon has months; a preview has no outcome.
        case
            when not is_provisional
                then
                    evaluation_number
                    + greatest(cast(round(cast(horizon_days as double) * 12 / 365) as bigint), 1)
        end as outcome_number
    from eligible
    where value_basis = 'contracts'

),

-- What begins later binds already once it is signed.
coming_periods as (

    select
        contract_customers.customer_key,
        contract_customers.evaluation_date,
        max(contracts.ends_on) as ends_on
    from contract_customers
    inner join contracts
        on contract_customers.customer_key = contracts.customer_key
        and contract_customers.evaluation_date >= contracts.signed_on
        and contract_customers.evaluation_date < contracts.starts_on
        and contract_customers.evaluation_date <= contracts.last_on
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
    inner join trouble_signals
        on signals.signal_code = trouble_signals.signal_code
        and contract_customers.evaluation_date >= trouble_signals.valid_from
        and contract_customers.evaluation_date <= trouble_signals.valid_to

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

outcomes as (

    select
        customer_key,
        evaluation_number,
        is_eligible
    from contract_customers
    where not is_provisional

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
            when dated.bound_until > dated.evaluation_date + policies.soon_days
                then 'within_horizon'
            else 'soon'
        end as contract_end,
        dated.is_troubled,
        outcomes.evaluation_number as outcome_number,
        not outcomes.is_eligible as is_lost
    from dated
    inner join policies
        on dated.evaluation_date >= policies.valid_from
        and dated.evaluation_date <= policies.valid_to
    left join outcomes
        on dated.customer_key = outcomes.customer_key
        and dated.outcome_number = outcomes.evaluation_number

)

select * from observed

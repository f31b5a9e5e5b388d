with decisions as (

    select * from {{ ref('int_decisions__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

customers as (

    select * from {{ ref('int_customers__watched') }}

),

purchases as (

    select * from {{ ref('int_purchases__sequenced') }}

),

contracts as (

    select * from {{ ref('int_contracts__resolved') }}

),

results as (

    select * from {{ ref('int_worklist_results__in_force') }}

),

losses as (

    select * from {{ ref('int_losses__dated') }}

),

outcomes as (

    select * from {{ ref('warning_outcomes') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

closed_before as (

    select decisions.warning_id
    from decisions
    cross join parameters
    where decisions.kind = 'closed' and decisions.decided_on < parameters.as_of_date

),

-- Open at the start of the day; a warning follows its customer through merges.
open_warnings as (

    select
        decisions.warning_id,
        decisions.namespace,
        decisions.record_id,
        decisions.decided_on as opened_on,
        customers.customer_key,
        customers.value_basis,
        customers.lifecycle_stage,
        parameters.as_of_date,
        parameters.business_timezone
    from decisions
    cross join parameters
    inner join records
        on decisions.namespace = records.namespace
        and decisions.record_id = records.record_id
    inner join customers
        on records.customer_key = customers.customer_key
    left join closed_before
        on decisions.warning_id = closed_before.warning_id
    where
        decisions.kind = 'opened'
        and decisions.decided_on < parameters.as_of_date
        and closed_before.warning_id is null

),

-- Who is valued by contracts is kept by one: a small order besides changes nothing.
bought as (

    select
        open_warnings.warning_id,
        purchases.purchased_on as happened_on,
        'bought' as outcome
    from open_warnings
    inner join purchases
        on open_warnings.customer_key = purchases.customer_key
        and open_warnings.opened_on < purchases.purchased_on
        and open_warnings.as_of_date >= purchases.purchased_on
    where open_warnings.value_basis = 'orders' and purchases.called_off_on is null

),

periods as (

    select
        open_warnings.warning_id,
        open_warnings.opened_on,
        open_warnings.as_of_date,
        contracts.starts_on,
        contracts.signed_on
    from open_warnings
    inner join contracts
        on open_warnings.customer_key = contracts.customer_key
    where contracts.terminated_on is null

),

renewed as (

    select
        warning_id,
        case when signed_on > opened_on then signed_on else starts_on end as happened_on,
        'renewed' as outcome
    from periods
    where
        (signed_on > opened_on and signed_on <= as_of_date)
        or (starts_on > opened_on and starts_on <= as_of_date)

),

-- Reached or not reached, the customer is not kept yet.
reported as (

    select
        open_warnings.warning_id,
        {{ business_day('results.done_at', 'open_warnings.business_timezone') }} as happened_on,
        results.outcome
    from open_warnings
    inner join results
        on open_warnings.warning_id = results.warning_id
    where results.outcome in ('kept', 'lost', 'rejected')

),

-- A loss before the opening that was learned of only later, and still stands, ends it on
-- the day after; one that was made good before the warning has nothing to do with it.
lost as (

    select
        open_warnings.warning_id,
        greatest(losses.lost_on, open_warnings.opened_on + 1) as happened_on,
        'lost' as outcome
    from open_warnings
    inner join losses
        on open_warnings.customer_key = losses.customer_key
        and open_warnings.as_of_date >= losses.lost_on
    where
        losses.lost_on > open_warnings.opened_on
        or (open_warnings.lifecycle_stage = 'lost' and losses.returned_on is null)

),

events as (

    select * from bought
    union all
    select * from renewed
    union all
    select * from reported
    union all
    select * from lost

),

closed as (

    select
        open_warnings.warning_id,
        open_warnings.namespace,
        open_warnings.record_id,
        open_warnings.customer_key,
        open_warnings.opened_on,
        events.happened_on as closed_on,
        events.outcome
    from events
    inner join open_warnings
        on events.warning_id = open_warnings.warning_id
    inner join outcomes
        on events.outcome = outcomes.outcome
        and open_warnings.as_of_date >= outcomes.valid_from
        and open_warnings.as_of_date <= outcomes.valid_to
    where
        events.happened_on > open_warnings.opened_on
        and events.happened_on <= open_warnings.as_of_date
    qualify
        row_number() over (
            partition by open_warnings.warning_id
            order by events.happened_on asc nulls last, outcomes.closing_order asc nulls last
        ) = 1

)

select * from closed

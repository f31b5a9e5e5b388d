with decisions as (

    select * from {{ ref('int_decisions__in_force') }}

),

opened as (

    select * from {{ ref('int_warnings__opened') }}

),

closed as (

    select * from {{ ref('int_warnings__closed') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- A day that was decided once stays as it was: it was published, and acted on.
undecided_days as (

    select parameters.as_of_date
    from parameters
    left join decisions
        on parameters.as_of_date = decisions.decided_on
        and decisions.kind = 'decided'
    where decisions.decision_id is null

),

-- Of a day that was not decided to its end nothing stands: it is decided anew.
kept as (

    select
        decisions.decision_id,
        decisions.decided_on,
        decisions.kind,
        decisions.warning_id,
        decisions.namespace,
        decisions.record_id,
        records.customer_key,
        decisions.level,
        decisions.tier_code,
        decisions.lifecycle_stage,
        decisions.reason_codes,
        decisions.reasons_en,
        decisions.reasons_zh,
        cast(decisions.churn_probability as decimal(7, 6)) as churn_probability,
        decisions.expected_loss_amount,
        decisions.owner_staff_id,
        decisions.action_code,
        decisions.due_on,
        decisions.is_control,
        decisions.model_version,
        decisions.closed_on,
        decisions.outcome
    from decisions
    left join records
        on decisions.namespace = records.namespace
        and decisions.record_id = records.record_id
    left join undecided_days
        on decisions.decided_on = undecided_days.as_of_date
    where undecided_days.as_of_date is null

),

-- That the day was decided is said as well, so that one without a warning is known to be.
decided_today as (

    select
        warning_id || ' opened' as decision_id,
        'opened' as kind,
        warning_id,
        warning_id as opened_warning_id,
        namespace,
        record_id,
        customer_key,
        cast(null as date) as closed_on,
        cast(null as string) as outcome
    from opened
    union all
    select
        warning_id || ' closed' as decision_id,
        'closed' as kind,
        warning_id,
        cast(null as string) as opened_warning_id,
        namespace,
        record_id,
        customer_key,
        closed_on,
        outcome
    from closed
    union all
    select
        'decided ' || cast(as_of_date as string) as decision_id,
        'decided' as kind,
        cast(null as string) as warning_id,
        cast(null as string) as opened_warning_id,
        cast(null as string) as namespace,
        cast(null as string) as record_id,
        cast(null as string) as customer_key,
        cast(null as date) as closed_on,
        cast(null as string) as outcome
    from undecided_days

),

added as (

    select
        decided_today.decision_id,
        undecided_days.as_of_date as decided_on,
        decided_today.kind,
        decided_today.warning_id,
        decided_today.namespace,
        decided_today.record_id,
        decided_today.customer_key,
        opened.level,
        opened.tier_code,
        opened.lifecycle_stage,
        opened.reason_codes,
        opened.reasons_en,
        opened.reasons_zh,
        opened.churn_probability,
        opened.expected_loss_amount,
        opened.owner_staff_id,
        opened.action_code,
        opened.due_on,
        opened.is_control,
        opened.model_version,
        decided_today.closed_on,
        decided_today.outcome
    from decided_today
    cross join undecided_days
    left join opened
        on decided_today.opened_warning_id = opened.warning_id

),

decided as (

    select * from kept
    union all
    select * from added

)

select * from decided

with decisions as (

    select * from {{ ref('int_warnings__decided') }}

),

results as (

    select * from {{ ref('int_worklist_results__in_force') }}

),

contacts as (

    select * from {{ ref('int_contacts__classified') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

closings as (

    select
        warning_id,
        closed_on,
        outcome
    from decisions
    where kind = 'closed'

),

dated_results as (

    select
        results.warning_id,
        results.result_id,
        results.outcome,
        results.done_at,
        {{ business_day('results.done_at', 'parameters.business_timezone') }} as done_on
    from results
    cross join parameters

),

latest_results as (

    select
        warning_id,
        outcome as last_result_outcome,
        done_on as last_result_on
    from dated_results
    qualify
        row_number() over (
            partition by warning_id
            order by done_at desc nulls last, result_id asc nulls last
        ) = 1

),

-- A call that nobody took is no work; whoever was reached was worked, even where nobody
-- entered a result.
works as (

    select
        openings.warning_id,
        dated_results.done_on as worked_on
    from decisions as openings
    inner join dated_results
        on openings.warning_id = dated_results.warning_id
        and openings.decided_on < dated_results.done_on
    where openings.kind = 'opened' and dated_results.outcome <> 'no_answer'
    union all
    select
        openings.warning_id,
        contacts.done_on as worked_on
    from decisions as openings
    inner join contacts
        on openings.customer_key = contacts.customer_key
        and openings.decided_on < contacts.done_on
    where openings.kind = 'opened' and contacts.is_outreach

),

last_works as (

    select
        warning_id,
        max(worked_on) as last_worked_on
    from works
    group by warning_id

),

-- The warning of a record that is nobody's any more, say an erased one, is no one's.
stated as (

    select
        openings.warning_id,
        openings.customer_key,
        openings.level,
        openings.tier_code,
        openings.lifecycle_stage,
        openings.reason_codes,
        openings.reasons_en,
        openings.reasons_zh,
        openings.owner_staff_id,
        openings.action_code,
        closings.outcome,
        latest_results.last_result_outcome,
        openings.model_version,
        openings.is_control,
        closings.warning_id is null as is_open,
        closings.warning_id is null
        and not openings.is_control
        -- What was worked is not overdue while its end is awaited.
        and last_works.last_worked_on is null
        and coalesce(openings.due_on < parameters.as_of_date, false) as is_overdue,
        openings.churn_probability,
        openings.expected_loss_amount,
        cast(
            {{ days_from(
                'openings.decided_on', 'coalesce(closings.closed_on, parameters.as_of_date)'
            ) }} as bigint
        ) as days_open,
        openings.decided_on as opened_on,
        openings.due_on,
        latest_results.last_result_on,
        last_works.last_worked_on,
        closings.closed_on,
        parameters.as_of_date
    from decisions as openings
    cross join parameters
    left join closings
        on openings.warning_id = closings.warning_id
    left join latest_results
        on openings.warning_id = latest_results.warning_id
    left join last_works
        on openings.warning_id = last_works.warning_id
    where openings.kind = 'opened' and openings.customer_key is not null

)

select * from stated

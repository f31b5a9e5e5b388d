-- What was promised to customers, and whether it was kept.
with follow_ups as (

    select * from {{ ref('int_follow_ups__due') }}

),

tickets as (

    select * from {{ ref('int_tickets__measured') }}

),

feedback as (

    select * from {{ ref('int_feedback__followed') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- What still has time, or is due on a later day, is neither kept nor missed.
promises as (

    select
        'follow_up_compliance' as kpi_code,
        cast(date_trunc('month', evaluation_date) as date) as month_date,
        customer_key,
        is_kept
    from follow_ups
    where is_kept is not null
    union all
    select
        'first_response_in_target' as kpi_code,
        cast(date_trunc('month', opened_on) as date) as month_date,
        customer_key,
        is_responded_in_time as is_kept
    from tickets
    where is_responded_in_time is not null
    union all
    select
        'feedback_closed_in_time' as kpi_code,
        cast(date_trunc('month', feedback.due_on) as date) as month_date,
        feedback.customer_key,
        feedback.is_closed_in_time as is_kept
    from feedback
    inner join parameters
        on feedback.due_on <= parameters.as_of_date
    where feedback.is_closed_in_time is not null

),

counted as (

    select
        kpi_code,
        month_date,
        customer_key,
        count(case when is_kept then 1 end) as kept_count,
        count(*) as promise_count
    from promises
    group by kpi_code, month_date, customer_key

)

select * from counted

with feedback as (

    select * from {{ ref('int_feedback__followed') }}

),

feedback_loop as (

    select
        feedback_id,
        subject_type,
        subject_id,
        customer_key,
        owner_staff_id,
        staff_id,
        tier_code,
        kind,
        severity,
        channel,
        touchpoint,
        theme,
        status,
        is_closed_in_time,
        is_overdue,
        days_open,
        raised_on,
        due_on,
        raised_at,
        decided_at,
        done_at,
        told_customer_at
    from feedback

)

select * from feedback_loop

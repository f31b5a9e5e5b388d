with follow_ups as (

    select * from {{ ref('int_follow_ups__planned') }}

),

follow_up_plan as (

    select
        customer_key,
        crm_customer_id,
        customer_name_masked,
        owner_staff_id,
        has_owner,
        tier_code,
        priority,
        is_overdue,
        is_visit_overdue,
        last_staff_id,
        last_kind,
        cadence_days,
        visit_cadence_days,
        overdue_days,
        visit_overdue_days,
        missed_plan_count,
        last_followed_up_on,
        next_due_on,
        last_visited_on,
        next_visit_due_on,
        planned_on
    from follow_ups

)

select * from follow_up_plan

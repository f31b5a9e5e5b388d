with due as (

    select * from {{ ref('int_follow_ups__due') }}

),

contacts as (

    select * from {{ ref('int_contacts__classified') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

staff as (

    select * from {{ ref('int_staff__in_force') }}

),

follow_up_policies as (

    select * from {{ ref('follow_up_policies') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

last_contacts as (

    select
        customer_key,
        staff_id,
        kind
    from contacts
    where is_outreach
    qualify
        row_number() over (
            partition by customer_key
            order by done_at desc nulls last, interaction_id asc nulls last
        ) = 1

),

-- A plan for a day that is over, and nothing done, was missed.
plans as (

    select
        contacts.customer_key,
        min(case when contacts.planned_on > parameters.as_of_date then contacts.planned_on end)
            as planned_on,
        count(case
            when
                contacts.planned_on <= parameters.as_of_date
                and contacts.planned_on
                > parameters.as_of_date - follow_up_policies.missed_plan_days
                then 1
        end) as missed_plan_count
    from contacts
    cross join parameters
    inner join follow_up_policies
        on parameters.as_of_date >= follow_up_policies.valid_from
        and parameters.as_of_date <= follow_up_policies.valid_to
    where contacts.done_at is null and (contacts.is_follow_up or contacts.is_visit)
    group by contacts.customer_key

),

-- Worked from the top: what is overdue, of the best customers first, longest overdue first.
planned as (

    select
        due.customer_key,
        customers.crm_customer_id,
        customers.customer_name_masked,
        customers.owner_staff_id,
        due.tier_code,
        last_contacts.staff_id as last_staff_id,
        last_contacts.kind as last_kind,
        cast(row_number() over (
            order by
                coalesce(not due.is_kept, false)
                or coalesce(not due.is_visit_kept, false) desc nulls last,
                due.tier_rank desc nulls last,
                greatest(
                    coalesce(due.overdue_days, 0), coalesce(due.visit_overdue_days, 0)
                ) desc nulls last,
                least(
                    coalesce(due.due_on, due.visit_due_on), coalesce(due.visit_due_on, due.due_on)
                ) asc nulls last,
                due.customer_key asc nulls last
        ) as bigint) as priority,
        staff.staff_id is not null
        and coalesce(staff.left_on > parameters.as_of_date, true) as has_owner,
        due.cadence_days,
        not due.is_kept as is_overdue,
        due.overdue_days,
        due.visit_cadence_days,
        not due.is_visit_kept as is_visit_overdue,
        due.visit_overdue_days,
        coalesce(plans.missed_plan_count, 0) as missed_plan_count,
        due.last_contacted_on as last_followed_up_on,
        due.due_on as next_due_on,
        due.last_visited_on,
        due.visit_due_on as next_visit_due_on,
        plans.planned_on
    from due
    inner join customers
        on due.customer_key = customers.customer_key
    cross join parameters
    left join staff
        on customers.owner_staff_id = staff.staff_id
    left join last_contacts
        on due.customer_key = last_contacts.customer_key
    left join plans
        on due.customer_key = plans.customer_key
    where due.is_latest

)

select * from planned

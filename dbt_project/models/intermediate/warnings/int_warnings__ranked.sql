with warnings as (

    select * from {{ ref('int_warnings__leading') }}

),

stated as (

    select * from {{ ref('int_warnings__stated') }}

),

customers as (

    select * from {{ ref('int_customers__watched') }}

),

-- Of a customer whose records joined since, what was done about any open warning counts.
works_of_customers as (

    select
        customer_key,
        max(last_worked_on) as last_worked_on
    from stated
    where is_open
    group by customer_key

),

workable as (

    select
        warnings.*,
        customers.owner_staff_id as current_owner_staff_id,
        customers.tier_code as current_tier_code,
        customers.lifecycle_stage as current_lifecycle_stage,
        customers.weekly_capacity,
        -- What nobody worked by then is the manager's as well.
        case
            when
                warnings.is_overdue
                and warnings.due_on + customers.escalate_after_days <= warnings.as_of_date
                then customers.manager_staff_id
        end as escalated_to_staff_id
    from warnings
    inner join customers
        on warnings.customer_key = customers.customer_key
    inner join works_of_customers
        on warnings.customer_key = works_of_customers.customer_key
    where
        not warnings.is_control
        -- Whoever was just spoken to is not rung again for some days.
        and coalesce(
            works_of_customers.last_worked_on + customers.pause_days < warnings.as_of_date, true
        )

),

ranked_by_owner as (

    select
        *,
        cast(row_number() over (
            partition by current_owner_staff_id
            order by expected_loss_amount desc nulls last, warning_id asc nulls last
        ) as bigint) as rank_of_owner
    from workable

),

-- Capacity cuts what stands on the list; what was opened stays open, and is the manager's
-- when its day is over.
cut as (

    select
        *,
        rank_of_owner <= weekly_capacity as is_within_capacity
    from ranked_by_owner

),

ranked as (

    select
        *,
        case when is_within_capacity then cast(row_number() over (
            partition by is_within_capacity
            order by expected_loss_amount desc nulls last, warning_id asc nulls last
        ) as bigint) end as overall_rank
    from cut

)

select * from ranked

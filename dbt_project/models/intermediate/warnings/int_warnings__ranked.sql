with warnings as (

    select * from {{ ref('int_warnings__stated') }}

),

customers as (

    select * from {{ ref('int_customers__watched') }}

),

-- Of two open warnings of a customer, whose records joined since, the older one stands.
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
    where
        warnings.is_open
        and not warnings.is_control
        -- Whoever was just spoken to is not rung again for some days.
        and coalesce(
            warnings.last_worked_on + customers.pause_days < warnings.as_of_date, true
        )
    qualify
        row_number() over (
            partition by warnings.customer_key
            order by warnings.opened_on asc nulls last, warnings.warning_id asc nulls last
        ) = 1

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

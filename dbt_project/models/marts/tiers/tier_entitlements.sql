with tiers as (

    select * from {{ ref('int_tiers__current') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

measures as (

    select * from {{ ref('int_customers__measured') }}

),

levels as (

    select * from {{ ref('int_tier_levels__current') }}

),

costs as (

    select * from {{ ref('int_customer_costs__summed') }}

),

follow_ups as (

    select * from {{ ref('int_follow_ups__planned') }}

),

playbook as (

    select * from {{ ref('int_playbook__applied') }}

),

tier_entitlements as (

    select
        tiers.customer_key,
        customers.crm_customer_id,
        customers.customer_name_masked,
        measures.policy_customer_type,
        customers.owner_staff_id,
        levels.policy_code,
        levels.policy_version,
        tiers.tier_code,
        tiers.tier_rank,
        playbook.lifecycle_stage,
        playbook.warning_level,
        playbook.warning_id as open_warning_id,
        playbook.reason_class,
        playbook.strategy_code,
        playbook.action_code,
        playbook.channel,
        playbook.owner_role,
        playbook.note_en,
        playbook.note_zh,
        levels.channels,
        playbook.marketing_permission,
        follow_ups.is_overdue as is_contact_overdue,
        follow_ups.is_visit_overdue,
        playbook.due_days,
        levels.response_hours,
        levels.resolution_hours,
        levels.contact_cadence_days,
        levels.visit_cadence_days,
        costs.unpriced_count,
        levels.points_multiplier,
        levels.budget_amount,
        costs.spent_amount,
        cast(levels.budget_amount - costs.spent_amount as decimal(18, 4)) as budget_left_amount,
        follow_ups.last_followed_up_on,
        follow_ups.next_due_on as next_contact_due_on,
        follow_ups.next_visit_due_on
    from tiers
    inner join customers
        on tiers.customer_key = customers.customer_key
    inner join measures
        on tiers.customer_key = measures.customer_key
        and measures.is_latest
    inner join playbook
        on tiers.customer_key = playbook.customer_key
    inner join costs
        on tiers.customer_key = costs.customer_key
    left join levels
        on measures.policy_customer_type = levels.customer_type
        and tiers.tier_code = levels.tier_code
    left join follow_ups
        on tiers.customer_key = follow_ups.customer_key

)

select * from tier_entitlements

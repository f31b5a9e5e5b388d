with eligible as (

    select * from {{ ref('int_customers__eligible') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

staff as (

    select * from {{ ref('int_staff__in_force') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

stages as (

    select * from {{ ref('int_lifecycle__staged') }}

),

scores as (

    select * from {{ ref('int_churn_scores__told') }}

),

-- Whose owner has left is the manager's, while that one is there.
owners as (

    select
        customers.customer_key,
        eligible.evaluation_date,
        case
            when own_staff.left_on <= eligible.evaluation_date
                then
                    case
                        when coalesce(managers.left_on > eligible.evaluation_date, true)
                            then own_staff.manager_staff_id
                    end
            else customers.owner_staff_id
        end as owner_staff_id
    from customers
    inner join eligible
        on customers.customer_key = eligible.customer_key
        and eligible.is_latest
    left join staff as own_staff
        on customers.owner_staff_id = own_staff.staff_id
    left join staff as managers
        on own_staff.manager_staff_id = managers.staff_id

),

watched as (

    select
        eligible.customer_key,
        eligible.evaluation_date as as_of_date,
        eligible.policy_customer_type,
        eligible.value_basis,
        tiers.tier_code,
        coalesce(tiers.tier_rank, 0) as tier_rank,
        stages.lifecycle_stage,
        owners.owner_staff_id,
        case
            when coalesce(managers.left_on > eligible.evaluation_date, true)
                -- Nobody is told to look after themselves.
                then nullif(staff.manager_staff_id, staff.staff_id)
        end as manager_staff_id,
        coalesce(
            cast(floor(staff.weekly_capacity) as bigint), eligible.default_weekly_capacity
        ) as weekly_capacity,
        -- Who is lost is won back, not warned of.
        eligible.is_eligible and coalesce(stages.lifecycle_stage <> 'lost', true) as is_eligible,
        eligible.horizon_days,
        eligible.control_share,
        eligible.reason_count,
        eligible.least_reason_log_odds,
        eligible.pause_days,
        eligible.escalate_after_days,
        coalesce(scores.model_version, eligible.model_version) as model_version,
        scores.churn_probability,
        {{ rounded('scores.value_at_risk', 18, 4) }} as value_at_risk_amount,
        eligible.purchase_day_count,
        eligible.has_running_contract,
        eligible.value_365_amount,
        eligible.first_purchased_on,
        eligible.last_purchased_on,
        eligible.contract_ends_on
    from eligible
    left join tiers
        on eligible.customer_key = tiers.customer_key
        and eligible.evaluation_date >= tiers.valid_from
        and eligible.evaluation_date <= {{ or_forever('tiers.valid_to') }}
    left join stages
        on eligible.customer_key = stages.customer_key
        and eligible.evaluation_date = stages.evaluation_date
    left join scores
        on eligible.customer_key = scores.customer_key
        and eligible.evaluation_date = scores.evaluation_date
    left join owners
        on eligible.customer_key = owners.customer_key
    left join staff
        on owners.owner_staff_id = staff.staff_id
    left join staff as managers
        on staff.manager_staff_id = managers.staff_id
    where eligible.is_latest

)

select * from watched

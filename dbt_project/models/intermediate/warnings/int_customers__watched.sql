with measured as (

    select * from {{ ref('int_customers__measured') }}

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

policies as (

    select * from {{ ref('warning_policies') }}

),

-- Whose owner has left is the manager's, while that one is there.
owners as (

    select
        customers.customer_key,
        measured.evaluation_date,
        case
            when own_staff.left_on <= measured.evaluation_date
                then
                    case
                        when coalesce(managers.left_on > measured.evaluation_date, true)
                            then own_staff.manager_staff_id
                    end
            else customers.owner_staff_id
        end as owner_staff_id
    from customers
    inner join measured
        on customers.customer_key = measured.customer_key
        and measured.is_latest
    left join staff as own_staff
        on customers.owner_staff_id = own_staff.staff_id
    left join staff as managers
        on own_staff.manager_staff_id = managers.staff_id

),

watched as (

    select
        measured.customer_key,
        measured.evaluation_date as as_of_date,
        measured.policy_customer_type,
        measured.value_basis,
        tiers.tier_code,
        coalesce(tiers.tier_rank, 0) as tier_rank,
        stages.lifecycle_stage,
        owners.owner_staff_id,
        coalesce(
            cast(floor(staff.weekly_capacity) as bigint), policies.default_weekly_capacity
        ) as weekly_capacity,
        -- A customer valued by contracts is at risk while one runs, another while they
        -- are used to buying and not yet long silent. Who is lost is won back, not warned of.
        coalesce(
            case
                when measured.value_basis = 'contracts' then measured.has_running_contract
                else
                    measured.purchase_day_count >= policies.least_purchase_days
                    and {{ days_from('measured.last_purchased_on', 'measured.evaluation_date') }}
                    <= policies.most_silent_days
            end
            and measured.terminated_on is null
            and coalesce(stages.lifecycle_stage <> 'lost', true),
            false
        ) as is_eligible,
        policies.horizon_days,
        policies.control_share,
        policies.reason_count,
        policies.pause_days,
        policies.model_version,
        measured.purchase_day_count,
        measured.has_running_contract,
        measured.value_365_amount,
        measured.first_purchased_on,
        measured.last_purchased_on,
        measured.contract_ends_on
    from measured
    inner join policies
        on measured.policy_customer_type = policies.customer_type
        and measured.evaluation_date >= policies.valid_from
        and measured.evaluation_date <= policies.valid_to
    left join tiers
        on measured.customer_key = tiers.customer_key
        and measured.evaluation_date >= tiers.valid_from
        and measured.evaluation_date <= {{ or_forever('tiers.valid_to') }}
    left join stages
        on measured.customer_key = stages.customer_key
        and measured.evaluation_date = stages.evaluation_date
    left join owners
        on measured.customer_key = owners.customer_key
    left join staff
        on owners.owner_staff_id = staff.staff_id
    where measured.is_latest

)

select * from watched

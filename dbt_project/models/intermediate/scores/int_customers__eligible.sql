with measured as (

    select * from {{ ref('int_customers__measured') }}

),

policies as (

    select * from {{ ref('warning_policies') }}

),

-- A customer valued by contracts is at risk while one runs, another while they are used
-- to buying and not yet long silent.
eligible as (

    select
        measured.customer_key,
        measured.evaluation_date,
        measured.evaluation_number,
        measured.is_provisional,
        measured.is_latest,
        measured.policy_customer_type,
        measured.value_basis,
        coalesce(
            case
                when measured.value_basis = 'contracts' then measured.has_running_contract
                else
                    measured.purchase_day_count >= policies.least_purchase_days
                    and {{ days_from('measured.last_purchased_on', 'measured.evaluation_date') }}
                    <= policies.most_silent_days
            end
            and measured.terminated_on is null,
            false
        ) as is_eligible,
        policies.least_purchase_days,
        policies.horizon_days,
        policies.control_share,
        policies.reason_count,
        policies.least_reason_log_odds,
        policies.pause_days,
        policies.escalate_after_days,
        policies.default_weekly_capacity,
        policies.model_version,
        measured.purchase_day_count,
        measured.purchase_day_90_count,
        measured.purchase_day_180_count,
        measured.purchase_day_365_count,
        measured.net_revenue_amount,
        measured.net_revenue_90_amount,
        measured.net_revenue_180_amount,
        measured.net_revenue_365_amount,
        measured.value_365_amount,
        measured.has_running_contract,
        measured.first_purchased_on,
        measured.last_purchased_on,
        measured.first_contract_on,
        measured.contract_ends_on,
        measured.customer_since
    from measured
    inner join policies
        on measured.policy_customer_type = policies.customer_type
        and measured.evaluation_date >= policies.valid_from
        and measured.evaluation_date <= policies.valid_to

)

select * from eligible

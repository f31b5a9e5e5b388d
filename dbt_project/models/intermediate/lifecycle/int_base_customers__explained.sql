with current_stages as (

    select * from {{ ref('int_lifecycle__current') }}

),

criteria as (

    select * from {{ ref('int_base_criteria__evaluated') }}

),

measured as (

    select * from {{ ref('int_customers__measured') }}

),

base_criteria as (

    select * from {{ ref('base_criteria') }}

),

lifecycle_policies as (

    select * from {{ ref('lifecycle_policies') }}

),

-- Whoever is lost, asleep or never bought is on other lists.
living as (

    select
        current_stages.customer_key,
        current_stages.evaluation_date,
        current_stages.is_provisional,
        current_stages.policy_customer_type,
        current_stages.lifecycle_stage,
        current_stages.lifecycle_stage = 'base' as is_base,
        case when current_stages.lifecycle_stage = 'base' then current_stages.stage_since_date end
            as base_since_date,
        criteria.is_tenure_met,
        criteria.is_purchase_days_met,
        criteria.is_recency_met,
        criteria.is_complaint_met,
        criteria.is_satisfaction_met,
        criteria.is_invoices_met,
        criteria.is_value_met,
        criteria.is_risk_met,
        criteria.tenure_days,
        criteria.recency_days,
        criteria.purchase_day_365_count,
        criteria.open_complaint_count,
        criteria.overdue_invoice_count,
        criteria.recent_amount,
        criteria.earlier_amount,
        criteria.churn_probability,
        measured.purchase_day_180_count,
        measured.purchase_day_365_count - measured.purchase_day_180_count
            as earlier_purchase_day_count,
        measured.has_running_contract,
        measured.value_365_amount,
        measured.last_purchased_on,
        lifecycle_policies.base_tenure_days,
        lifecycle_policies.base_purchase_days,
        lifecycle_policies.base_recency_days,
        lifecycle_policies.base_churn_probability,
        lifecycle_policies.declining_share
    from current_stages
    inner join criteria
        on current_stages.customer_key = criteria.customer_key
        and current_stages.evaluation_date = criteria.evaluation_date
    inner join measured
        on current_stages.customer_key = measured.customer_key
        and current_stages.evaluation_date = measured.evaluation_date
    inner join lifecycle_policies
        on current_stages.policy_customer_type = lifecycle_policies.customer_type
        and current_stages.evaluation_date >= lifecycle_policies.valid_from
        and current_stages.evaluation_date <= lifecycle_policies.valid_to
    where current_stages.lifecycle_stage in ('new', 'growing', 'base', 'declining', 'won_back')

),

by_criterion as (

    select
        living.customer_key,
        base_criteria.criterion_code,
        base_criteria.sort_order,
        base_criteria.failed_en,
        base_criteria.failed_zh,
        base_criteria.next_step_en,
        base_criteria.next_step_zh,
        case base_criteria.criterion_code
            when 'tenure' then living.is_tenure_met
            when 'purchase_days' then living.is_purchase_days_met
            when 'recency' then living.is_recency_met
            when 'complaint' then living.is_complaint_met
            when 'satisfaction' then living.is_satisfaction_met
            when 'invoices' then living.is_invoices_met
            when 'value' then living.is_value_met
            when 'risk' then living.is_risk_met
        end as is_met,
        case base_criteria.criterion_code
            when 'tenure' then cast(living.tenure_days as string)
            when 'purchase_days' then cast(living.purchase_day_365_count as string)
            when 'recency' then cast(living.recency_days as string)
            when 'complaint' then cast(living.open_complaint_count as string)
            when 'invoices' then cast(living.overdue_invoice_count as string)
            -- Told where it fell: of what rose without bounds, from next to nothing, it is
            -- not, and what was given back is not spent.
            when 'value'
                then cast(cast(floor(case
                    when living.earlier_amount > 0
                        then least(greatest(
                            100 * cast(living.recent_amount as double)
                            / cast(living.earlier_amount as double),
                            0
                        ), 100)
                end) as integer) as string)
            when 'risk'
                then cast(cast(floor(100 * living.churn_probability) as integer) as string)
        end as measured_value,
        case base_criteria.criterion_code
            when 'tenure' then cast(living.base_tenure_days as string)
            when 'purchase_days' then cast(living.base_purchase_days as string)
            when 'recency' then cast(living.base_recency_days as string)
            when 'value' then cast(cast(round(100 * living.declining_share) as integer) as string)
            when 'risk'
                then cast(cast(round(100 * living.base_churn_probability) as integer) as string)
        end as needed_value
    from living
    inner join base_criteria
        on living.evaluation_date >= base_criteria.valid_from
        and living.evaluation_date <= base_criteria.valid_to
        and base_criteria.is_required

),

worded as (

    select
        customer_key,
        criterion_code,
        sort_order,
        is_met,
        next_step_en,
        next_step_zh,
        {{ filled_text('failed_en', {'value': 'measured_value', 'needed': 'needed_value'}) }}
            as failed_en,
        {{ filled_text('failed_zh', {'value': 'measured_value', 'needed': 'needed_value'}) }}
            as failed_zh
    from by_criterion

),

summed as (

    select
        customer_key,
        count(case when is_met then 1 end) as criteria_met_count,
        count(case when not is_met then 1 end) as criteria_failed_count,
        count(case when is_met is null then 1 end) as criteria_unknown_count,
        {{ sorted_list('case when not is_met then criterion_code end', 'sort_order', ';') }}
            as criteria_failed,
        {{ sorted_list('case when is_met is null then criterion_code end', 'sort_order', ';') }}
            as criteria_unknown,
        {{ sorted_list('case when not is_met then failed_en end', 'sort_order', '; ') }}
            as failed_en,
        {{ sorted_list('case when not is_met then failed_zh end', 'sort_order', '；') }}
            as failed_zh,
        min(case when not is_met then sort_order end) as first_failed_order
    from worded
    group by customer_key

),

-- What hurts most is mended first: that is the order of the criteria.
explained as (

    select
        living.customer_key,
        living.policy_customer_type,
        living.lifecycle_stage,
        living.is_base,
        living.is_provisional,
        living.has_running_contract,
        coalesce(summed.criteria_met_count, 0) as criteria_met_count,
        coalesce(summed.criteria_failed_count, 0) as criteria_failed_count,
        coalesce(summed.criteria_unknown_count, 0) as criteria_unknown_count,
        summed.criteria_failed,
        summed.criteria_unknown,
        summed.failed_en,
        summed.failed_zh,
        worded.next_step_en,
        worded.next_step_zh,
        living.tenure_days,
        living.purchase_day_180_count,
        living.earlier_purchase_day_count,
        living.recent_amount,
        living.earlier_amount,
        living.value_365_amount,
        living.last_purchased_on,
        living.evaluation_date,
        living.base_since_date
    from living
    left join summed
        on living.customer_key = summed.customer_key
    left join worded
        on summed.customer_key = worded.customer_key
        and summed.first_failed_order = worded.sort_order

)

select * from explained

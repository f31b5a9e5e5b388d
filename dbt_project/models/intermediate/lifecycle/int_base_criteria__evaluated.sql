with measured as (

    {{ touched_rows(ref('int_customers__measured')) }}

),

evaluations as (

    {{ touched_rows(ref('int_evaluations__fingerprinted')) }}

),

scores as (

    {{ touched_rows(ref('int_churn_scores__told')) }}

),

lifecycle_policies as (

    select * from {{ ref('lifecycle_policies') }}

),

base_criteria as (

    select * from {{ ref('base_criteria') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

responses as (

    select * from {{ ref('int_responses__scored') }}

),

invoices as (

    select * from {{ ref('int_invoices__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

complaints as (

    select
        records.customer_key,
        {{ business_day('tickets.opened_at', 'parameters.business_timezone') }} as opened_on,
        {{ business_day('tickets.resolved_at', 'parameters.business_timezone') }} as resolved_on,
        case
            when tickets.reopened_at > tickets.resolved_at
                then {{ business_day('tickets.reopened_at', 'parameters.business_timezone') }}
        end as reopened_on
    from tickets
    inner join records
        on records.namespace = 'crm'
        and tickets.source_customer_id = records.record_id
    cross join parameters
    where tickets.kind = 'complaint'

),

answer_days as (

    select
        records.customer_key,
        {{ business_day('responses.responded_at', 'parameters.business_timezone') }} as answered_on,
        max(case when responses.sentiment = 'negative' then 1 else 0 end) as negative_count
    from responses
    inner join records
        on responses.namespace = records.namespace
        and responses.record_id = records.record_id
    cross join parameters
    where responses.sentiment is not null
    group by
        records.customer_key,
        {{ business_day('responses.responded_at', 'parameters.business_timezone') }}

),

answer_days_with_next as (

    select
        *,
        lead(answered_on)
            over (partition by customer_key order by answered_on nulls last)
            as next_answered_on
    from answer_days

),

types as (

    select
        customer_key,
        policy_customer_type
    from measured
    where is_latest

),

-- What lasts from a day until the day before another, and so is seen by the evaluations
-- in between, and by no other.
conditions as (

    select
        customer_key,
        1 as complaint_count,
        0 as answer_count,
        0 as negative_count,
        0 as invoice_count,
        opened_on as from_on,
        resolved_on as ended_on
    from complaints
    union all
    select
        customer_key,
        1 as complaint_count,
        0 as answer_count,
        0 as negative_count,
        0 as invoice_count,
        reopened_on as from_on,
        cast(null as date) as ended_on
    from complaints
    where reopened_on is not null
    union all
    select
        answers.customer_key,
        0 as complaint_count,
        1 as answer_count,
        answers.negative_count,
        0 as invoice_count,
        answers.answered_on as from_on,
        least(
            answers.next_answered_on,
            answers.answered_on + lifecycle_policies.base_satisfaction_days
        ) as ended_on
    from answer_days_with_next as answers
    inner join types
        on answers.customer_key = types.customer_key
    inner join lifecycle_policies
        on types.policy_customer_type = lifecycle_policies.customer_type
        and answers.answered_on >= lifecycle_policies.valid_from
        and answers.answered_on <= lifecycle_policies.valid_to
    union all
    select
        records.customer_key,
        0 as complaint_count,
        0 as answer_count,
        0 as negative_count,
        1 as invoice_count,
        invoices.due_on + 1 as from_on,
        {{ settled_on('invoices') }} as ended_on
    from invoices
    inner join records
        on records.namespace = 'crm'
        and invoices.source_customer_id = records.record_id

),

conditions_by_evaluation as (

    select
        conditions.customer_key,
        evaluations.evaluation_date,
        sum(conditions.complaint_count) as complaint_count,
        sum(conditions.answer_count) as answer_count,
        sum(conditions.negative_count) as negative_count,
        sum(conditions.invoice_count) as invoice_count
    from conditions
    inner join evaluations
        on conditions.from_on <= evaluations.evaluation_date
        and coalesce(conditions.ended_on > evaluations.evaluation_date, true)
    group by conditions.customer_key, evaluations.evaluation_date

),

first_invoices as (

    select
        records.customer_key,
        min(invoices.issued_on) as first_issued_on
    from invoices
    inner join records
        on records.namespace = 'crm'
        and invoices.source_customer_id = records.record_id
    group by records.customer_key

),

first_tickets as (

    select
        min({{ business_day('tickets.opened_at', 'parameters.business_timezone') }})
            as first_ticket_on
    from tickets
    cross join parameters

),

criteria_by_evaluation as (

    select
        evaluations.evaluation_date,
        max(case when base_criteria.criterion_code = 'tenure' then 1 else 0 end) = 1
            as needs_tenure,
        max(case when base_criteria.criterion_code = 'purchase_days' then 1 else 0 end) = 1
            as needs_purchase_days,
        max(case
            when base_criteria.criterion_code = 'purchase_days' and base_criteria.is_met_by_contract
                then 1
            else 0
        end) = 1 as takes_contract_as_purchases,
        max(case when base_criteria.criterion_code = 'recency' then 1 else 0 end) = 1
            as needs_recency,
        max(case
            when base_criteria.criterion_code = 'recency' and base_criteria.is_met_by_contract
                then 1
            else 0
        end) = 1 as takes_contract_as_recent,
        max(case when base_criteria.criterion_code = 'complaint' then 1 else 0 end) = 1
            as needs_no_complaint,
        max(case when base_criteria.criterion_code = 'satisfaction' then 1 else 0 end) = 1
            as needs_satisfaction,
        max(case when base_criteria.criterion_code = 'invoices' then 1 else 0 end) = 1
            as needs_paid_invoices,
        max(case when base_criteria.criterion_code = 'value' then 1 else 0 end) = 1
            as needs_value,
        max(case
            when base_criteria.criterion_code = 'value' and base_criteria.is_met_by_contract
                then 1
            else 0
        end) = 1 as takes_contract_as_value,
        max(case when base_criteria.criterion_code = 'risk' then 1 else 0 end) = 1
            as needs_low_risk
    from evaluations
    left join base_criteria
        on evaluations.evaluation_date >= base_criteria.valid_from
        and evaluations.evaluation_date <= base_criteria.valid_to
        and base_criteria.is_required
    group by evaluations.evaluation_date

),

customers_with_values as (

    select
        measured.customer_key,
        measured.evaluation_date,
        measured.evaluation_number,
        measured.is_latest,
        measured.policy_customer_type,
        measured.purchase_day_365_count,
        measured.has_running_contract,
        measured.net_revenue_180_amount as recent_amount,
        measured.net_revenue_365_amount - measured.net_revenue_180_amount as rest_amount,
        {{ days_from('measured.customer_since', 'measured.evaluation_date') }} as tenure_days,
        {{ days_from('measured.last_purchased_on', 'measured.evaluation_date') }} as recency_days,
        lifecycle_policies.base_tenure_days,
        lifecycle_policies.base_purchase_days,
        lifecycle_policies.base_recency_days,
        lifecycle_policies.base_churn_probability,
        lifecycle_policies.declining_share
    from measured
    inner join lifecycle_policies
        on measured.policy_customer_type = lifecycle_policies.customer_type
        and measured.evaluation_date >= lifecycle_policies.valid_from
        and measured.evaluation_date <= lifecycle_policies.valid_to
    where measured.customer_since is not null

),

-- The rest of the year is five days longer than its last half.
scaled as (

    select
        *,
        {{ rounded('cast(rest_amount as double) * 180 / 185', 18, 4) }} as earlier_amount
    from customers_with_values

),

-- Null is unknown: nobody answered, there was no invoice, nothing to compare with, or no
-- score.
judged as (

    select
        customers.*,
        coalesce(conditions.complaint_count, 0) as open_complaint_count,
        coalesce(conditions.invoice_count, 0) as overdue_invoice_count,
        criteria.needs_tenure,
        criteria.needs_purchase_days,
        criteria.needs_recency,
        criteria.needs_no_complaint,
        criteria.needs_satisfaction,
        criteria.needs_paid_invoices,
        criteria.needs_value,
        criteria.needs_low_risk,
        scores.churn_probability,
        customers.tenure_days >= customers.base_tenure_days as is_tenure_met,
        customers.purchase_day_365_count >= customers.base_purchase_days
        or (customers.has_running_contract and criteria.takes_contract_as_purchases)
            as is_purchase_days_met,
        coalesce(customers.recency_days <= customers.base_recency_days, false)
        or (customers.has_running_contract and criteria.takes_contract_as_recent)
            as is_recency_met,
        case
            when first_tickets.first_ticket_on <= customers.evaluation_date
                then coalesce(conditions.complaint_count, 0) = 0
        end as is_complaint_met,
        case when conditions.answer_count > 0 then conditions.negative_count = 0 end
            as is_satisfaction_met,
        case
            when first_invoices.first_issued_on <= customers.evaluation_date
                then coalesce(conditions.invoice_count, 0) = 0
        end as is_invoices_met,
        case
            when customers.has_running_contract and criteria.takes_contract_as_value then true
            when customers.earlier_amount > 0
                then
                    cast(customers.recent_amount as double)
                    >= customers.declining_share * cast(customers.earlier_amount as double)
        end as is_value_met,
        scores.churn_probability < customers.base_churn_probability as is_risk_met
    from scaled as customers
    inner join criteria_by_evaluation as criteria
        on customers.evaluation_date = criteria.evaluation_date
    left join conditions_by_evaluation as conditions
        on customers.customer_key = conditions.customer_key
        and customers.evaluation_date = conditions.evaluation_date
    left join scores
        on customers.customer_key = scores.customer_key
        and customers.evaluation_date = scores.evaluation_date
    left join first_invoices
        on customers.customer_key = first_invoices.customer_key
    cross join first_tickets

),

evaluated as (

    select
        customer_key,
        evaluation_date,
        evaluation_number,
        is_latest,
        policy_customer_type,
        is_tenure_met,
        is_purchase_days_met,
        is_recency_met,
        is_complaint_met,
        is_satisfaction_met,
        is_invoices_met,
        is_value_met,
        is_risk_met,
        (is_tenure_met or not needs_tenure)
        and (is_purchase_days_met or not needs_purchase_days)
        and (is_recency_met or not needs_recency)
        and (coalesce(is_complaint_met, true) or not needs_no_complaint)
        and (coalesce(is_satisfaction_met, true) or not needs_satisfaction)
        and (coalesce(is_invoices_met, true) or not needs_paid_invoices)
        and (coalesce(is_value_met, true) or not needs_value)
        and (coalesce(is_risk_met, true) or not needs_low_risk) as is_base,
        not coalesce(is_value_met, true) as is_falling,
        cast(tenure_days as bigint) as tenure_days,
        cast(recency_days as bigint) as recency_days,
        purchase_day_365_count,
        cast(open_complaint_count as bigint) as open_complaint_count,
        cast(overdue_invoice_count as bigint) as overdue_invoice_count,
        recent_amount,
        earlier_amount,
        churn_probability
    from judged

)

select * from evaluated

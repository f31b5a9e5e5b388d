with staged as (

    select * from {{ ref('int_lifecycle__staged') }}

),

criteria as (

    select * from {{ ref('int_base_criteria__evaluated') }}

),

base_criteria as (

    select * from {{ ref('base_criteria') }}

),

successive as (

    select
        customer_key,
        evaluation_date,
        policy_customer_type,
        lifecycle_stage,
        loss_kind,
        value_365_amount,
        lag(lifecycle_stage) over (
            partition by customer_key order by evaluation_number nulls last
        ) as previous_stage
    from staged
    where not is_provisional

),

moved as (

    select
        *,
        case when lifecycle_stage = 'base' then 'joined' else 'left' end as direction,
        case
            when lifecycle_stage = 'base' then coalesce(previous_stage, 'none')
            else lifecycle_stage
        end as other_stage
    from successive
    where (lifecycle_stage = 'base') <> coalesce(previous_stage = 'base', false)

),

-- What kept them out: of several criteria the most urgent, in the order of the list.
failed as (

    select
        moved.customer_key,
        moved.evaluation_date,
        base_criteria.criterion_code
    from moved
    inner join criteria
        on moved.customer_key = criteria.customer_key
        and moved.evaluation_date = criteria.evaluation_date
    inner join base_criteria
        on moved.evaluation_date >= base_criteria.valid_from
        and moved.evaluation_date <= base_criteria.valid_to
        and base_criteria.is_required
    where
        moved.direction = 'left'
        and not coalesce(
            case base_criteria.criterion_code
                when 'tenure' then criteria.is_tenure_met
                when 'purchase_days' then criteria.is_purchase_days_met
                when 'recency' then criteria.is_recency_met
                when 'complaint' then criteria.is_complaint_met
                when 'satisfaction' then criteria.is_satisfaction_met
                when 'invoices' then criteria.is_invoices_met
                when 'value' then criteria.is_value_met
                when 'risk' then criteria.is_risk_met
            end,
            true
        )
    qualify
        row_number() over (
            partition by moved.customer_key, moved.evaluation_date
            order by base_criteria.sort_order asc nulls last
        ) = 1

),

reasoned as (

    select
        moved.customer_key,
        moved.evaluation_date,
        cast(date_trunc('month', moved.evaluation_date) as date) as month,
        moved.policy_customer_type as customer_type,
        moved.direction,
        moved.other_stage,
        coalesce(moved.loss_kind, failed.criterion_code, 'none') as reason_code,
        moved.value_365_amount
    from moved
    left join failed
        on moved.customer_key = failed.customer_key
        and moved.evaluation_date = failed.evaluation_date

)

select * from reasoned

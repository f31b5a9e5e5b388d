with eligible as (

    {{ touched_rows(ref('int_customers__eligible')) }}

),

features as (

    {{ touched_rows(ref('int_churn_features__measured')) }}

),

scores as (

    {{ touched_rows(ref('int_churn_scores__told')) }}

),

chosen_models as (

    select * from {{ ref('int_churn_models__chosen') }}

),

related as (

    select *
    from eligible
    where customer_since is not null

),

churn_scores as (

    select
        related.customer_key,
        related.evaluation_date,
        related.is_provisional,
        related.is_eligible,
        case
            when not related.is_eligible then 'not_eligible'
            when scores.churn_probability is not null then null
            when related.value_basis = 'contracts' then 'few_renewals'
            else coalesce(chosen_models.refused_reason, 'no_model')
        end as unscored_reason,
        scores.churn_probability,
        scores.alive_probability,
        scores.no_purchase_probability,
        {{ rounded('scores.purchases_if_alive', 18, 4) }} as expected_purchase_days,
        {{ rounded('scores.expected_value', 18, 4) }} as expected_value_amount,
        {{ rounded('scores.value_at_risk', 18, 4) }} as value_at_risk_amount,
        case
            when features.customer_key is not null
                then concat_ws(
                    ';',
                    'orders',
                    case when features.complaint_90_count is not null then 'tickets' end,
                    case when features.dissatisfied_90_count is not null then 'surveys' end,
                    case when features.contact_missed_count is not null then 'contacts' end,
                    case when features.invoice_overdue_days is not null then 'invoices' end,
                    case when features.visit_30_count is not null then 'activity' end,
                    case when features.click_180_count is not null then 'campaigns' end,
                    case when features.points_expiring_count is not null then 'points' end
                )
        end as signal_sources,
        related.horizon_days,
        scores.model_version
    from related
    left join features
        on related.customer_key = features.customer_key
        and related.evaluation_date = features.evaluation_date
    left join scores
        on related.customer_key = scores.customer_key
        and related.evaluation_date = scores.evaluation_date
    left join chosen_models
        on related.evaluation_date = chosen_models.evaluation_date

)

select * from churn_scores

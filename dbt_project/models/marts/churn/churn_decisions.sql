with decisions as (

    select * from {{ ref('int_warnings__decided') }}

),

churn_decisions as (

    select
        decision_id,
        decided_on,
        kind,
        warning_id,
        namespace,
        record_id,
        customer_key,
        level,
        tier_code,
        lifecycle_stage,
        reason_codes,
        reasons_en,
        reasons_zh,
        churn_probability,
        expected_loss_amount,
        owner_staff_id,
        action_code,
        due_on,
        is_control,
        model_version,
        closed_on,
        outcome
    from decisions

)

select * from churn_decisions

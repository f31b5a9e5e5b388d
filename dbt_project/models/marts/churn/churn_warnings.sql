with warnings as (

    select * from {{ ref('int_warnings__stated') }}

),

churn_warnings as (

    select
        warning_id,
        customer_key,
        level,
        tier_code,
        lifecycle_stage,
        reason_codes,
        reasons_en,
        reasons_zh,
        owner_staff_id,
        action_code,
        outcome,
        last_result_outcome,
        model_version,
        is_control,
        is_open,
        is_overdue,
        churn_probability,
        expected_loss_amount,
        days_open,
        opened_on,
        due_on,
        last_result_on,
        closed_on
    from warnings

)

select * from churn_warnings

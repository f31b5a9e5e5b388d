with levelled as (

    select * from {{ ref('int_warnings__levelled') }}

),

reasons as (

    select * from {{ ref('int_warnings__reasoned') }}

),

playbook as (

    select * from {{ ref('int_playbook__expanded') }}

),

permissions as (

    select * from {{ ref('int_marketing_permissions__told') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

reasoned as (

    select
        customer_key,
        max(case when reason_number = 1 then reason_class end) as gravest_reason_class,
        {{ sorted_list('reason_code', 'reason_number', ';') }} as reason_codes,
        {{ sorted_list('reason_en', 'reason_number', '; ') }} as reasons_en,
        {{ sorted_list('reason_zh', 'reason_number', '；') }} as reasons_zh
    from reasons
    group by customer_key

),

-- The customer's oldest record, whose hash is the customer's key.
identified as (

    select
        levelled.*,
        records.namespace,
        records.record_id,
        'W' || left(
            md5(
                records.namespace || '|' || records.record_id || '|'
                || cast(levelled.as_of_date as string)
            ), 12
        ) as warning_id
    from levelled
    inner join records
        on levelled.customer_key = records.customer_key
        and levelled.customer_key
        = {{ surrogate_key(['records.namespace', 'records.record_id']) }}

),

-- Chance leaves some alone, to measure what acting is worth.
assigned as (

    select
        identified.*,
        reasoned.gravest_reason_class,
        reasoned.reason_codes,
        reasoned.reasons_en,
        reasoned.reasons_zh,
        {{ hash_share('identified.warning_id') }} < identified.control_share as is_control
    from identified
    left join reasoned
        on identified.customer_key = reasoned.customer_key

),

acted_on as (

    select
        assigned.warning_id,
        playbook.action_code,
        playbook.due_days
    from assigned
    inner join permissions
        on assigned.customer_key = permissions.customer_key
    inner join playbook
        on coalesce(assigned.tier_code, 'none') = playbook.tier_code
        and assigned.lifecycle_stage = playbook.lifecycle_stage
        and assigned.level = playbook.warning_level
        and assigned.gravest_reason_class = playbook.reason_class
        and permissions.marketing_permission = playbook.marketing_permission
    where not assigned.is_control

),

opened as (

    select
        assigned.warning_id,
        assigned.namespace,
        assigned.record_id,
        assigned.customer_key,
        assigned.level,
        assigned.tier_code,
        assigned.lifecycle_stage,
        assigned.reason_codes,
        assigned.reasons_en,
        assigned.reasons_zh,
        {{ rounded('assigned.churn_probability', 7, 6) }} as churn_probability,
        assigned.expected_loss_amount,
        assigned.owner_staff_id,
        acted_on.action_code,
        assigned.is_control,
        assigned.model_version,
        assigned.as_of_date as opened_on,
        assigned.as_of_date + acted_on.due_days as due_on
    from assigned
    left join acted_on
        on assigned.warning_id = acted_on.warning_id

)

select * from opened

with overrides as (

    select * from {{ ref('int_tier_overrides__audited') }}

),

customers as (

    select * from {{ ref('customers') }}

),

labels as (

    select * from {{ ref('labels') }}

),

tier_overrides as (

    select
        overrides.override_id,
        overrides.customer_key,
        overrides.source_customer_id,
        customers.crm_customer_id,
        customers.customer_name_masked,
        overrides.tier_code,
        tier_labels.label_en as tier_en,
        tier_labels.label_zh as tier_zh,
        overrides.evaluated_tier_code,
        evaluated_tier_labels.label_en as evaluated_tier_en,
        evaluated_tier_labels.label_zh as evaluated_tier_zh,
        overrides.direction,
        direction_labels.label_en as direction_en,
        direction_labels.label_zh as direction_zh,
        overrides.status_code,
        status_labels.label_en as status_en,
        status_labels.label_zh as status_zh,
        overrides.no_effect_code,
        no_effect_labels.label_en as no_effect_en,
        no_effect_labels.label_zh as no_effect_zh,
        overrides.approved_by,
        overrides.is_approver_known,
        overrides.valid_from,
        overrides.valid_to,
        overrides.effective_from,
        overrides.effective_to
    from overrides
    left join customers
        on overrides.customer_key = customers.customer_key
    left join labels as tier_labels
        on tier_labels.list_code = 'tier'
        and overrides.tier_code = tier_labels.code
    left join labels as evaluated_tier_labels
        on evaluated_tier_labels.list_code = 'tier'
        and overrides.evaluated_tier_code = evaluated_tier_labels.code
    left join labels as direction_labels
        on direction_labels.list_code = 'override_direction'
        and overrides.direction = direction_labels.code
    left join labels as status_labels
        on status_labels.list_code = 'override_status'
        and overrides.status_code = status_labels.code
    left join labels as no_effect_labels
        on no_effect_labels.list_code = 'override_no_effect'
        and overrides.no_effect_code = no_effect_labels.code

)

select * from tier_overrides

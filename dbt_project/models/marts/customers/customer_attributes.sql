with survived as (

    select * from {{ ref('int_customer_attributes__survived') }}

),

labels as (

    select * from {{ ref('labels') }}

),

customer_attributes as (

    select
        survived.customer_key,
        survived.attribute_code,
        attributes.label_en as attribute_en,
        attributes.label_zh as attribute_zh,
        survived.source,
        survived.namespace,
        survived.record_id,
        survived.value_masked,
        survived.other_values_masked,
        survived.strategy,
        survived.reason_code,
        reasons.label_en as reason_en,
        reasons.label_zh as reason_zh,
        survived.is_conflicting,
        survived.teller_count,
        survived.value_count,
        survived.told_at,
        survived.last_told_at
    from survived
    inner join labels as attributes
        on attributes.list_code = 'customer_attribute'
        and survived.attribute_code = attributes.code
    inner join labels as reasons
        on reasons.list_code = 'survivorship_reason'
        and survived.reason_code = reasons.code
    where survived.teller_count > 1

)

select * from customer_attributes

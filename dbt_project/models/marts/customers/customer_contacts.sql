with contacts as (

    select * from {{ ref('int_company_contacts__matched') }}

),

customer_contacts as (

    select
        {{ surrogate_key(["'crm'", 'contact_id']) }} as contact_key,
        contact_id as crm_contact_id,
        customer_key,
        source_customer_id as crm_customer_id,
        missing_customer_reason,
        contact_name_masked,
        role,
        is_decision_maker,
        has_email,
        has_phone,
        has_marketing_consent,
        is_reachable_by_email,
        is_reachable_by_phone,
        is_reachable_by_email or is_reachable_by_phone as is_reachable
    from contacts

)

select * from customer_contacts

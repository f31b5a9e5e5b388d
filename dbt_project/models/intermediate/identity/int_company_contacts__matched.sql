with contacts as (

    select * from {{ ref('int_company_contacts__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

customer_types as (

    select * from {{ ref('customer_types') }}

),

-- A company is the customer, never the person who works there; a contact of somebody else
-- is kept and is nobody's.
matched as (

    select
        contacts.contact_id,
        contacts.source_customer_id,
        case when customer_types.has_contacts then records.customer_key end as customer_key,
        case
            when records.customer_key is null then 'unknown_customer'
            when not coalesce(customer_types.has_contacts, false) then 'no_company'
        end as missing_customer_reason,
        left(contacts.contact_name, 1) || '**' as contact_name_masked,
        contacts.role,
        contacts.is_decision_maker,
        contacts.email is not null as has_email,
        contacts.phone is not null as has_phone,
        contacts.marketing_consent as has_marketing_consent,
        -- Their own consent, not the company's; unknown is none.
        coalesce(contacts.marketing_consent, false) and contacts.email is not null
            as is_reachable_by_email,
        coalesce(contacts.marketing_consent, false) and contacts.phone is not null
            as is_reachable_by_phone
    from contacts
    left join records
        on records.namespace = 'crm'
        and contacts.source_customer_id = records.record_id
    left join customers
        on records.customer_key = customers.customer_key
    left join customer_types
        on customers.customer_type = customer_types.customer_type

)

select * from matched

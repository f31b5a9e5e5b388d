with attributes as (

    select * from {{ ref('int_identity_attributes__in_use') }}

),

crm_customers as (

    select * from {{ ref('int_customers__in_force') }}

),

crm_versions as (

    select * from {{ ref('stg_crm__customers') }}

),

contacts as (

    select * from {{ ref('int_company_contacts__in_force') }}

),

shop_orders as (

    select * from {{ ref('int_shop_orders__in_force') }}

),

responses as (

    select * from {{ ref('int_responses__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- What a record was once told to have still speaks for it, as far as a rule says so.
crm_tellings as (

    select
        source_customer_id,
        customer_type,
        customer_name,
        email,
        phone,
        wechat_union_id,
        loyalty_card_no,
        id_in_shop,
        birth_date,
        true as is_current,
        version_at as told_at
    from crm_customers
    union all
    select
        crm_versions.source_customer_id,
        crm_versions.customer_type,
        crm_versions.customer_name,
        crm_versions.email,
        crm_versions.phone,
        crm_versions.wechat_union_id,
        crm_versions.loyalty_card_no,
        crm_versions.id_in_shop,
        crm_versions.birth_date,
        false as is_current,
        crm_versions.version_at as told_at
    from crm_versions
    cross join parameters
    where
        crm_versions.has_other_versions
        and crm_versions.event_at <= parameters.as_of_at
        and crm_versions.version_at <= parameters.as_of_at

),

crm_values as (

    select
        'crm' as namespace,
        crm_tellings.source_customer_id as record_id,
        attributes.attribute,
        case attributes.attribute
            when 'name' then crm_tellings.customer_name
            when 'email' then crm_tellings.email
            when 'phone' then crm_tellings.phone
            when 'wechat_union_id' then crm_tellings.wechat_union_id
            when 'loyalty_card_no' then crm_tellings.loyalty_card_no
            when 'id_in_shop' then crm_tellings.id_in_shop
            when 'birth_date' then cast(crm_tellings.birth_date as string)
            when 'customer_type' then crm_tellings.customer_type
        end as told_value,
        crm_tellings.customer_type,
        crm_tellings.is_current,
        crm_tellings.told_at
    from crm_tellings
    cross join attributes

),

-- A company is reached at the addresses of its people: whoever writes from one is the company.
contact_values as (

    select
        'crm' as namespace,
        contacts.source_customer_id as record_id,
        attributes.attribute,
        case attributes.attribute
            when 'email' then contacts.email
            when 'phone' then contacts.phone
        end as told_value,
        crm_customers.customer_type,
        true as is_current,
        contacts.version_at as told_at
    from contacts
    inner join crm_customers
        on contacts.source_customer_id = crm_customers.source_customer_id
    cross join attributes
    where crm_customers.customer_type = 'company'

),

-- The shop's own record has its number as the CRM names it.
order_contacts as (

    select
        source_customer_id,
        contact_email,
        contact_phone,
        min(ordered_at) as told_at
    from shop_orders
    group by source_customer_id, contact_email, contact_phone

),

order_values as (

    select
        case when order_contacts.source_customer_id is null then 'guest' else 'shop' end
            as namespace,
        coalesce(
            order_contacts.source_customer_id,
            {{ guest_key(
                'coalesce(order_contacts.contact_email, order_contacts.contact_phone)',
                'parameters.pseudonym_key'
            ) }}
        ) as record_id,
        attributes.attribute,
        case attributes.attribute
            when 'id_in_shop' then order_contacts.source_customer_id
            when 'email' then order_contacts.contact_email
            when 'phone' then order_contacts.contact_phone
        end as told_value,
        cast(null as string) as customer_type,
        true as is_current,
        order_contacts.told_at
    from order_contacts
    cross join attributes
    cross join parameters

),

response_values as (

    select
        'guest' as namespace,
        {{ guest_key('responses.email', 'parameters.pseudonym_key') }} as record_id,
        attributes.attribute,
        responses.email as told_value,
        cast(null as string) as customer_type,
        true as is_current,
        responses.responded_at as told_at
    from responses
    inner join attributes
        on attributes.attribute = 'email'
    cross join parameters
    where responses.source_customer_id is null

),

all_values as (

    select * from crm_values
    union all
    select * from contact_values
    union all
    select * from order_values
    union all
    select * from response_values

),

told as (

    select
        namespace,
        record_id,
        attribute,
        told_value,
        max(customer_type) as customer_type,
        max(is_current) as is_current,
        min(told_at) as first_told_at
    from all_values
    where record_id is not null and told_value is not null
    group by namespace, record_id, attribute, told_value

)

select * from told

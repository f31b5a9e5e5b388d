with crm_customers as (

    select * from {{ ref('int_customers__in_force') }}

),

told as (

    select
        'crm' as namespace,
        source_customer_id as record_id,
        'email' as attribute,
        email as told_value,
        customer_type,
        true as is_current,
        version_at as first_told_at
    from crm_customers
    where email is not null
    union all
    select
        'crm' as namespace,
        source_customer_id as record_id,
        'phone' as attribute,
        phone as told_value,
        customer_type,
        true as is_current,
        version_at as first_told_at
    from crm_customers
    where phone is not null
    union all
    select
        'crm' as namespace,
        source_customer_id as record_id,
        'name' as attribute,
        customer_name as told_value,
        customer_type,
        true as is_current,
        version_at as first_told_at
    from crm_customers
    where customer_name is not null

)

select * from told

with dated as (

    select * from {{ ref('int_customers__dated') }}

),

customers_history as (

    select
        customer_key,
        valid_from,
        valid_to,
        valid_to is null as is_current,
        customer_name_masked,
        customer_type,
        region,
        province,
        city,
        industry,
        company_size,
        acquisition_channel,
        owner_staff_id,
        source_tier_code,
        status,
        marketing_consent as has_marketing_consent,
        terminated_at
    from dated

)

select * from customers_history

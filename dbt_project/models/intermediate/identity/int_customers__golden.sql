with records as (

    select * from {{ ref('int_records__resolved') }}

),

crm_customers as (

    select * from {{ ref('int_customers__in_force') }}

),

customer_types as (

    select * from {{ ref('customer_types') }}

),

survived as (

    select * from {{ ref('int_customer_attributes__survived') }}

),

-- One component is one customer, whom the CRM knows or does not.
components as (

    select
        customer_key,
        is_inferred,
        count(*) as record_count,
        min(first_seen_at) as first_seen_at
    from records
    where customer_key is not null
    group by customer_key, is_inferred

),

crm_records as (

    select
        records.customer_key,
        crm_customers.*,
        count(*) over (partition by records.customer_key) as crm_record_count,
        row_number() over (
            partition by records.customer_key
            order by
                crm_customers.version_at desc nulls last,
                crm_customers.source_customer_id asc nulls last
        ) as newness
    from crm_customers
    inner join records
        on records.namespace = 'crm'
        and crm_customers.source_customer_id = records.record_id
    where records.customer_key is not null

),

-- Of several CRM records of one customer, the newest version gives the number.
newest as (

    select
        customer_key,
        source_customer_id
    from crm_records
    where newness = 1

),

-- Where one record of the CRM tells of a customer, its values need no rule.
alone as (

    select *
    from crm_records
    where crm_record_count = 1

),

survivors as (

    select
        customer_key,
        max(case when attribute_code = 'customer_name' then value end) as customer_name,
        max(case when attribute_code = 'customer_name' then value_masked end)
            as customer_name_masked,
        max(case when attribute_code = 'customer_type' then value end) as customer_type,
        max(case when attribute_code = 'email' then value end) as email,
        max(case when attribute_code = 'phone' then value end) as phone,
        max(case when attribute_code = 'birth_date' then value end) as birth_date,
        max(case when attribute_code = 'founded_on' then value end) as founded_on,
        max(case when attribute_code = 'region' then value end) as region,
        max(case when attribute_code = 'province' then value end) as province,
        max(case when attribute_code = 'city' then value end) as city,
        max(case when attribute_code = 'industry' then value end) as industry,
        max(case when attribute_code = 'company_size' then value end) as company_size,
        max(case when attribute_code = 'acquisition_channel' then value end)
            as acquisition_channel,
        max(case when attribute_code = 'owner_staff_id' then value end) as owner_staff_id,
        max(case when attribute_code = 'source_tier_code' then value end) as source_tier_code,
        max(case when attribute_code = 'marketing_consent' then value end) as marketing_consent,
        max(case when attribute_code = 'status' then value end) as status,
        count(case when is_conflicting then 1 end) as conflict_count
    from survived
    group by customer_key

),

-- Several records are closed one by one: the customer left with the last of those whose
-- status survives.
closed as (

    select
        crm_records.customer_key,
        max(crm_records.terminated_at) as terminated_at
    from crm_records
    left join survivors
        on crm_records.customer_key = survivors.customer_key
    where
        crm_records.crm_record_count = 1
        or crm_records.status is not distinct from survivors.status
    group by crm_records.customer_key

),

golden as (

    select
        components.customer_key,
        newest.source_customer_id as crm_customer_id,
        coalesce(survivors.customer_name, alone.customer_name) as customer_name,
        case
            when survivors.customer_name is not null then survivors.customer_name_masked
            when customer_types.is_name_published then alone.customer_name
            else left(alone.customer_name, 1) || '**'
        end as customer_name_masked,
        coalesce(survivors.customer_type, alone.customer_type) as customer_type,
        coalesce(survivors.email, alone.email) as email,
        coalesce(survivors.phone, alone.phone) as phone,
        coalesce(cast(survivors.birth_date as date), alone.birth_date) as birth_date,
        coalesce(cast(survivors.founded_on as date), alone.founded_on) as founded_on,
        coalesce(survivors.region, alone.region) as region,
        coalesce(survivors.province, alone.province) as province,
        coalesce(survivors.city, alone.city) as city,
        coalesce(survivors.industry, alone.industry) as industry,
        coalesce(survivors.company_size, alone.company_size) as company_size,
        coalesce(survivors.acquisition_channel, alone.acquisition_channel)
            as acquisition_channel,
        coalesce(survivors.owner_staff_id, alone.owner_staff_id) as owner_staff_id,
        coalesce(survivors.source_tier_code, alone.source_tier_code) as source_tier_code,
        coalesce(survivors.status, alone.status) as status,
        coalesce(cast(survivors.marketing_consent as boolean), alone.marketing_consent)
            as marketing_consent,
        components.is_inferred,
        components.record_count,
        coalesce(survivors.conflict_count, 0) as conflict_count,
        components.first_seen_at,
        closed.terminated_at
    from components
    left join newest
        on components.customer_key = newest.customer_key
    left join alone
        on components.customer_key = alone.customer_key
    left join survivors
        on components.customer_key = survivors.customer_key
    left join closed
        on components.customer_key = closed.customer_key
    left join customer_types
        on alone.customer_type = customer_types.customer_type

)

select * from golden

with records as (

    select * from {{ ref('int_records__resolved') }}

),

crm_customers as (

    select * from {{ ref('int_customers__in_force') }}

),

customer_types as (

    select * from {{ ref('customer_types') }}

),

orders as (

    select * from {{ ref('int_orders__unioned') }}

),

-- Of several CRM records of one customer, the newest version speaks.
newest as (

    select
        records.customer_key,
        crm_customers.*
    from crm_customers
    inner join records
        on records.namespace = 'crm'
        and crm_customers.source_customer_id = records.record_id
    qualify
        row_number() over (
            partition by records.customer_key
            order by
                crm_customers.version_at desc nulls last,
                crm_customers.source_customer_id asc nulls last
        ) = 1

),

components as (

    select
        customer_key,
        is_inferred,
        count(*) as record_count,
        min(first_seen_at) as first_seen_at
    from records
    group by customer_key, is_inferred

),

-- Where the newest order came from stands in for a region that the CRM does not know.
order_regions as (

    select
        records.customer_key,
        orders.region
    from orders
    inner join records
        on orders.namespace = records.namespace
        and orders.source_customer_id = records.record_id
    where orders.region is not null
    qualify
        row_number() over (
            partition by records.customer_key
            order by
                orders.ordered_at desc nulls last,
                orders.source asc nulls last,
                orders.order_id asc nulls last
        ) = 1

),

golden as (

    select
        components.customer_key,
        newest.source_customer_id as crm_customer_id,
        newest.customer_name,
        case
            when customer_types.is_name_published then newest.customer_name
            else left(newest.customer_name, 1) || '**'
        end as customer_name_masked,
        newest.customer_type,
        coalesce(newest.region, order_regions.region) as region,
        newest.province,
        newest.city,
        newest.industry,
        newest.company_size,
        newest.acquisition_channel,
        newest.owner_staff_id,
        newest.source_tier_code,
        newest.status,
        newest.marketing_consent,
        components.is_inferred,
        components.record_count,
        components.first_seen_at,
        newest.terminated_at
    from components
    left join newest
        on components.customer_key = newest.customer_key
    left join order_regions
        on components.customer_key = order_regions.customer_key
    left join customer_types
        on newest.customer_type = customer_types.customer_type

)

select * from golden

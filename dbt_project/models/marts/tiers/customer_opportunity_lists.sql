with filled as (

    select * from {{ ref('int_opportunity_lists__filled') }}

),

worded as (

    select * from {{ ref('int_opportunity_lists__worded') }}

),

addresses as (

    select * from {{ ref('int_customer_addresses__known') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

customer_opportunity_lists as (

    select
        filled.customer_key,
        filled.list_code,
        filled.list_rank,
        customers.crm_customer_id,
        customers.customer_name_masked,
        customers.owner_staff_id,
        filled.tier_code,
        filled.lifecycle_stage,
        worded.reason_en,
        worded.reason_zh,
        filled.next_tier_code,
        filled.falls_to_tier_code,
        filled.warning_id as open_warning_id,
        filled.action_code,
        filled.channel,
        filled.owner_role,
        filled.marketing_permission,
        case
            when {{ needs_address('filled.channel') }} then addresses.channel is not null
        end as has_address,
        filled.due_days,
        filled.points,
        filled.net_revenue_amount,
        filled.net_revenue_90_amount,
        filled.value_365_amount,
        filled.falls_on
    from filled
    inner join worded
        on filled.customer_key = worded.customer_key
        and filled.list_code = worded.list_code
    inner join customers
        on filled.customer_key = customers.customer_key
    left join addresses
        on filled.customer_key = addresses.customer_key
        and filled.channel = addresses.channel

)

select * from customer_opportunity_lists

with weighed as (

    select * from {{ ref('int_customers__weighed') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

customers_out_of_line as (

    select
        weighed.customer_key,
        customers.crm_customer_id,
        customers.customer_name_masked,
        weighed.customer_type,
        customers.region,
        customers.owner_staff_id,
        weighed.tier_code,
        weighed.direction,
        weighed.rank_in_tier,
        weighed.reason_en,
        weighed.reason_zh,
        weighed.value_365_amount,
        weighed.cost_amount,
        weighed.expected_cost_amount,
        weighed.difference_amount,
        weighed.cost_ratio,
        weighed.service_count,
        weighed.costed_service_count,
        weighed.contact_count,
        weighed.visit_count,
        weighed.ticket_count,
        weighed.service_minutes
    from weighed
    inner join customers
        on weighed.customer_key = customers.customer_key

)

select * from customers_out_of_line

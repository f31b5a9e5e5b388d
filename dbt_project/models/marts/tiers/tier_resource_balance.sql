with balanced as (

    select * from {{ ref('int_tier_months__balanced') }}

),

tier_resource_balance as (

    select
        month_date as month,
        customer_type,
        tier_code,
        is_provisional,
        customer_count,
        customer_share,
        value_amount,
        value_share,
        revenue_amount,
        revenue_share,
        service_count,
        costed_service_count,
        staffed_service_count,
        timed_service_count,
        service_minutes,
        service_minutes_share,
        visit_count,
        visit_share,
        staff_cost_amount,
        marketing_cost_amount,
        marketing_cost_share,
        benefit_cost_amount,
        cost_amount,
        cost_share,
        cost_index,
        minutes_index
    from balanced

)

select * from tier_resource_balance

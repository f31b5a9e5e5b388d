with customers as (

    select * from {{ ref('int_base_customers__explained') }}

),

described as (

    select * from {{ ref('int_base_customers__described') }}

),

golden as (

    select * from {{ ref('int_customers__golden') }}

),

tickets as (

    select * from {{ ref('service_tickets') }}

),

contacts as (

    select * from {{ ref('int_contacts__classified') }}

),

open_feedback as (

    select
        customer_key,
        count(*) as open_feedback_count
    from tickets
    where is_open
    group by customer_key

),

last_follow_ups as (

    select
        customer_key,
        max(done_on) as last_followed_up_on
    from contacts
    where is_outreach
    group by customer_key

),

base_customers as (

    select
        customers.customer_key,
        golden.crm_customer_id,
        golden.customer_name_masked,
        golden.owner_staff_id,
        golden.region,
        customers.policy_customer_type,
        customers.lifecycle_stage,
        customers.criteria_failed,
        customers.criteria_unknown,
        customers.failed_en,
        customers.failed_zh,
        customers.next_step_en,
        customers.next_step_zh,
        customers.is_base,
        customers.is_provisional,
        customers.has_running_contract,
        customers.criteria_met_count,
        customers.criteria_failed_count,
        customers.criteria_unknown_count,
        coalesce(open_feedback.open_feedback_count, 0) as open_feedback_count,
        customers.tenure_days,
        customers.purchase_day_180_count,
        customers.earlier_purchase_day_count,
        customers.recent_amount as net_revenue_180_amount,
        customers.earlier_amount as earlier_net_revenue_amount,
        customers.value_365_amount,
        described.mean_gap_days,
        described.gap_variation,
        described.category_180_count,
        described.earlier_category_count,
        described.mean_satisfaction,
        described.answer_count,
        customers.last_purchased_on,
        last_follow_ups.last_followed_up_on,
        customers.evaluation_date,
        customers.base_since_date
    from customers
    inner join golden
        on customers.customer_key = golden.customer_key
    inner join described
        on customers.customer_key = described.customer_key
    left join open_feedback
        on customers.customer_key = open_feedback.customer_key
    left join last_follow_ups
        on customers.customer_key = last_follow_ups.customer_key

)

select * from base_customers

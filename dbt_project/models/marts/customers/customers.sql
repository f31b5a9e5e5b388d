with golden as (

    select * from {{ ref('int_customers__golden') }}

),

permissions as (

    select * from {{ ref('int_marketing_permissions__told') }}

),

orders as (

    select * from {{ ref('orders') }}

),

interactions as (

    select * from {{ ref('interactions') }}

),

tickets as (

    select * from {{ ref('service_tickets') }}

),

responses as (

    select * from {{ ref('survey_responses') }}

),

current_tiers as (

    select * from {{ ref('int_tiers__current') }}

),

source_tiers as (

    select * from {{ ref('int_source_tiers__compared') }}

),

stages as (

    select * from {{ ref('int_lifecycle__current') }}

),

measures as (

    select * from {{ ref('int_customers__measured') }}

),

warnings as (

    select * from {{ ref('int_warnings__leading') }}

),

purchases_by_customer as (

    select
        customer_key,
        count(case when counts_as_purchase then 1 end) as order_count,
        cast(sum(net_amount) as decimal(18, 4)) as net_revenue_amount,
        min(case when counts_as_purchase then ordered_at end) as first_ordered_at,
        max(case when counts_as_purchase then ordered_at end) as last_ordered_at
    from orders
    where customer_key is not null
    group by customer_key

),

contacts_by_customer as (

    select
        customer_key,
        -- A call that nobody took reached nobody.
        max(case when coalesce(has_responded, true) then done_at end) as last_contacted_at
    from interactions
    group by customer_key

),

tickets_by_customer as (

    select
        customer_key,
        count(*) as ticket_count,
        count(case when is_open then 1 end) as open_ticket_count
    from tickets
    group by customer_key

),

-- A sheet is as grave as its gravest answer.
latest_responses as (

    select
        customer_key,
        survey_type as last_survey_type,
        sentiment as last_survey_sentiment,
        responded_at as last_responded_at
    from responses
    where customer_key is not null
    qualify
        row_number() over (
            partition by customer_key
            order by
                responded_at desc nulls last,
                case sentiment
                    when 'negative' then 0
                    when 'neutral' then 1
                    when 'positive' then 2
                    else 3
                end nulls last,
                response_id asc nulls last,
                question_code asc nulls last
        ) = 1

),

customers as (

    select
        golden.customer_key,
        golden.crm_customer_id,
        golden.customer_name_masked,
        golden.customer_type,
        golden.region,
        golden.province,
        golden.city,
        golden.industry,
        golden.company_size,
        golden.acquisition_channel,
        golden.owner_staff_id,
        golden.source_tier_code,
        source_tiers.direction as source_tier_direction,
        golden.status,
        stages.lifecycle_stage,
        current_tiers.tier_code,
        current_tiers.tier_rank,
        warnings.level as warning_level,
        warnings.warning_id as open_warning_id,
        warnings.action_code as next_action_code,
        latest_responses.last_survey_type,
        latest_responses.last_survey_sentiment,
        permissions.marketing_permission,
        golden.is_inferred,
        golden.marketing_consent as has_marketing_consent,
        golden.email is not null as has_email,
        golden.phone is not null as has_phone,
        permissions.marketing_permission = 'given'
        and coalesce(golden.email, golden.phone) is not null as is_reachable,
        golden.record_count,
        golden.conflict_count,
        coalesce(purchases_by_customer.order_count, 0) as order_count,
        coalesce(tickets_by_customer.ticket_count, 0) as ticket_count,
        coalesce(tickets_by_customer.open_ticket_count, 0) as open_ticket_count,
        purchases_by_customer.net_revenue_amount,
        measures.value_365_amount,
        warnings.due_on as next_action_due_on,
        golden.first_seen_at,
        golden.terminated_at,
        purchases_by_customer.first_ordered_at,
        purchases_by_customer.last_ordered_at,
        contacts_by_customer.last_contacted_at,
        latest_responses.last_responded_at
    from golden
    inner join permissions
        on golden.customer_key = permissions.customer_key
    left join stages
        on golden.customer_key = stages.customer_key
    left join measures
        on golden.customer_key = measures.customer_key
        and measures.is_latest
    left join warnings
        on golden.customer_key = warnings.customer_key
    left join current_tiers
        on golden.customer_key = current_tiers.customer_key
    left join source_tiers
        on golden.customer_key = source_tiers.customer_key
    left join purchases_by_customer
        on golden.customer_key = purchases_by_customer.customer_key
    left join contacts_by_customer
        on golden.customer_key = contacts_by_customer.customer_key
    left join tickets_by_customer
        on golden.customer_key = tickets_by_customer.customer_key
    left join latest_responses
        on golden.customer_key = latest_responses.customer_key

)

select * from customers

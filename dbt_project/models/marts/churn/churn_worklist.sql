with warnings as (

    select * from {{ ref('int_warnings__ranked') }}

),

customers as (

    select * from {{ ref('customers') }}

),

tickets as (

    select * from {{ ref('service_tickets') }}

),

labels as (

    select * from {{ ref('labels') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

last_tickets as (

    select
        customer_key,
        max(opened_on) as last_ticket_on
    from tickets
    group by customer_key

),

profiles as (

    select
        customers.customer_key,
        customers.crm_customer_id,
        customers.customer_name_masked,
        customers.customer_type,
        customers.region,
        customers.open_ticket_count,
        last_tickets.last_ticket_on,
        {{ business_day('customers.last_ordered_at', 'parameters.business_timezone') }}
            as last_order_on,
        {{ business_day('customers.last_contacted_at', 'parameters.business_timezone') }}
            as last_contacted_on,
        {{ business_day('customers.last_responded_at', 'parameters.business_timezone') }}
            as last_responded_on
    from customers
    cross join parameters
    left join last_tickets
        on customers.customer_key = last_tickets.customer_key

),

happenings as (

    select
        customer_key,
        'order' as event_code,
        1 as event_order,
        last_order_on as happened_on
    from profiles
    union all
    select
        customer_key,
        'ticket' as event_code,
        2 as event_order,
        last_ticket_on as happened_on
    from profiles
    union all
    select
        customer_key,
        'response' as event_code,
        3 as event_order,
        last_responded_on as happened_on
    from profiles
    union all
    select
        customer_key,
        'contact' as event_code,
        4 as event_order,
        last_contacted_on as happened_on
    from profiles

),

last_happenings as (

    select
        customer_key,
        event_code,
        happened_on
    from happenings
    where happened_on is not null
    qualify
        row_number() over (
            partition by customer_key
            order by happened_on desc nulls last, event_order asc nulls last
        ) = 1

),

churn_worklist as (

    select
        warnings.warning_id,
        warnings.current_owner_staff_id as owner_staff_id,
        warnings.escalated_to_staff_id,
        warnings.rank_of_owner,
        warnings.overall_rank,
        warnings.customer_key,
        profiles.crm_customer_id,
        profiles.customer_name_masked,
        profiles.customer_type,
        profiles.region,
        warnings.current_tier_code as tier_code,
        warnings.current_lifecycle_stage as lifecycle_stage,
        warnings.level,
        warnings.reasons_en,
        warnings.reasons_zh,
        warnings.action_code,
        labels.label_en as action_en,
        labels.label_zh as action_zh,
        warnings.last_result_outcome,
        last_happenings.event_code as last_event_code,
        warnings.is_overdue,
        profiles.open_ticket_count,
        warnings.churn_probability,
        warnings.expected_loss_amount,
        warnings.days_open,
        warnings.opened_on,
        warnings.due_on,
        warnings.last_result_on,
        last_happenings.happened_on as last_event_on,
        profiles.last_order_on,
        profiles.last_contacted_on
    from warnings
    inner join profiles
        on warnings.customer_key = profiles.customer_key
    left join last_happenings
        on warnings.customer_key = last_happenings.customer_key
    left join labels
        on labels.list_code = 'action'
        and warnings.action_code = labels.code
    where warnings.is_within_capacity

)

select * from churn_worklist

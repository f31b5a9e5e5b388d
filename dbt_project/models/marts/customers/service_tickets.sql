with tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

tickets_of_customers as (

    select
        tickets.ticket_id,
        records.customer_key,
        tickets.kind,
        tickets.category,
        tickets.channel,
        tickets.priority,
        tickets.order_id,
        tickets.product_id,
        tickets.staff_id,
        tickets.competitor_mentioned,
        -- A reopening is done with only by a resolution that follows it.
        tickets.resolved_at is null
        or coalesce(tickets.reopened_at > tickets.resolved_at, false) as is_open,
        tickets.waiting_minutes,
        tickets.handling_minutes,
        {{ business_day('tickets.opened_at', 'parameters.business_timezone') }} as opened_on,
        tickets.opened_at,
        tickets.first_responded_at,
        tickets.resolved_at,
        tickets.reopened_at
    from tickets
    inner join records
        on records.namespace = 'crm'
        and tickets.source_customer_id = records.record_id
    cross join parameters

)

select * from tickets_of_customers

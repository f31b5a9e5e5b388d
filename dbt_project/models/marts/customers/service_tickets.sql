with tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

measured as (

    select * from {{ ref('int_tickets__measured') }}

),

tickets_of_customers as (

    select
        tickets.ticket_id,
        measured.customer_key,
        tickets.kind,
        tickets.category,
        tickets.channel,
        tickets.priority,
        tickets.order_id,
        tickets.product_id,
        tickets.staff_id,
        tickets.competitor_mentioned,
        measured.tier_code,
        measured.is_open,
        measured.is_responded_in_time,
        measured.is_resolved_in_time,
        tickets.waiting_minutes,
        tickets.handling_minutes,
        measured.opened_on,
        tickets.opened_at,
        tickets.first_responded_at,
        tickets.resolved_at,
        tickets.reopened_at
    from tickets
    inner join measured
        on tickets.ticket_id = measured.ticket_id

)

select * from tickets_of_customers

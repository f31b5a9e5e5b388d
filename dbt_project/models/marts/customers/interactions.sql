with interactions as (

    select * from {{ ref('int_interactions__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

interactions_of_customers as (

    select
        interactions.interaction_id,
        records.customer_key,
        interactions.staff_id,
        interactions.warning_id,
        interactions.kind,
        interactions.purpose,
        interactions.direction,
        interactions.outcome,
        interactions.responded as has_responded,
        interactions.done_at is not null as is_done,
        interactions.duration_minutes,
        interactions.planned_at,
        interactions.done_at
    from interactions
    inner join records
        on records.namespace = 'crm'
        and interactions.source_customer_id = records.record_id

)

select * from interactions_of_customers

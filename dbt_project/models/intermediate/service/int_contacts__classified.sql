with interactions as (

    select * from {{ ref('int_interactions__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

rules as (

    select * from {{ ref('follow_up_contacts') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

dated as (

    select
        interactions.interaction_id,
        records.customer_key,
        interactions.staff_id,
        interactions.kind,
        coalesce(interactions.kind, 'unknown') as kind_code,
        coalesce(interactions.purpose, 'unknown') as purpose_code,
        coalesce(interactions.direction = 'in', false) as is_incoming,
        interactions.responded,
        interactions.planned_at,
        interactions.done_at,
        {{ business_day('interactions.planned_at', 'parameters.business_timezone') }} as planned_on,
        {{ business_day('interactions.done_at', 'parameters.business_timezone') }} as done_on
    from interactions
    inner join records
        on records.namespace = 'crm'
        and interactions.source_customer_id = records.record_id
    cross join parameters

),

-- A customer who calls or visits us was not followed up, nor visited, by anybody. A call
-- that nobody took is no contact, nor is a message of a kind that needs an answer
-- and got none; who wrote to us themselves has been reached. A card or a gift greets
-- without an answer.
rated as (

    select
        dated.interaction_id,
        dated.customer_key,
        dated.staff_id,
        dated.kind,
        dated.is_incoming,
        not dated.is_incoming and kinds.is_follow_up and purposes.is_follow_up as is_follow_up,
        not dated.is_incoming and kinds.is_visit and purposes.is_visit as is_visit,
        not dated.is_incoming
        and (
            kinds.is_greeting
            or (purposes.is_greeting and coalesce(dated.responded, true))
        ) as is_greeting,
        dated.done_at is not null
        and coalesce(
            dated.responded,
            dated.is_incoming or not (kinds.needs_answer or purposes.needs_answer)
        ) as has_reached,
        dated.planned_on,
        dated.done_on,
        dated.planned_at,
        dated.done_at
    from dated
    inner join rules as kinds
        on kinds.aspect = 'kind'
        and dated.kind_code = kinds.code
        and coalesce(dated.done_on, dated.planned_on) >= kinds.valid_from
        and coalesce(dated.done_on, dated.planned_on) <= kinds.valid_to
    inner join rules as purposes
        on purposes.aspect = 'purpose'
        and dated.purpose_code = purposes.code
        and coalesce(dated.done_on, dated.planned_on) >= purposes.valid_from
        and coalesce(dated.done_on, dated.planned_on) <= purposes.valid_to

),

classified as (

    select
        *,
        is_follow_up and has_reached as is_outreach
    from rated

)

select * from classified

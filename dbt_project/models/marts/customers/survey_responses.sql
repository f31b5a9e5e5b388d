with responses as (

    select * from {{ ref('int_responses__scored') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

responses_of_customers as (

    select
        responses.response_id,
        coalesce(responses.question_code, '') as question_code,
        records.customer_key,
        responses.survey_id,
        responses.invitation_id,
        responses.survey_type,
        responses.touchpoint,
        responses.order_id,
        responses.ticket_id,
        responses.staff_id,
        responses.reason_code,
        responses.channel,
        responses.sentiment,
        responses.has_comment,
        cast(responses.score as double) as score,
        responses.score_share,
        {{ business_day('responses.responded_at', 'parameters.business_timezone') }}
            as responded_on,
        responses.responded_at
    from responses
    left join records
        on responses.namespace = records.namespace
        and responses.record_id = records.record_id
    cross join parameters

)

select * from responses_of_customers

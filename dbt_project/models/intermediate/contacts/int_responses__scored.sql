with responses as (

    select * from {{ ref('int_responses__in_force') }}

),

survey_types as (

    select * from {{ ref('survey_types') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- Who tells no number of the CRM is a guest, known by the address they answered from.
scaled as (

    select
        {{ star_without(['email', 'comment'], 'responses') }},
        case when responses.source_customer_id is not null then 'crm' else 'guest' end as namespace,
        coalesce(
            responses.source_customer_id,
            {{ guest_key('responses.email', 'parameters.pseudonym_key') }}
        ) as record_id,
        responses.comment is not null as has_comment,
        survey_types.positive_from,
        survey_types.negative_to,
        coalesce(responses.scale_min, survey_types.usual_min) as lowest,
        coalesce(responses.scale_max, survey_types.usual_max) as highest
    from responses
    inner join survey_types
        on responses.survey_type = survey_types.survey_type
    cross join parameters

),

-- A score outside of its own scale, or a scale of one point, says nothing.
shares as (

    select
        *,
        case
            when highest > lowest and score >= lowest and score <= highest
                then
                    (cast(score as double) - cast(lowest as double))
                    / nullif(cast(highest as double) - cast(lowest as double), 0)
        end as score_share
    from scaled

),

scored as (

    select
        *,
        case
            when score_share >= positive_from then 'positive'
            when score_share <= negative_to then 'negative'
            when score_share is not null then 'neutral'
        end as sentiment
    from shares

)

select * from scored

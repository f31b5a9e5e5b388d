{{ as_of('survey_responses', ref('stg_survey__responses')) }}

{{ valid_versions('survey_responses', ref('stg_survey__responses_versions')) }}

{{ as_of('survey_invitations', ref('stg_survey__invitations')) }}

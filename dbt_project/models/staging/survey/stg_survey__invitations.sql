{{ valid_versions('survey_invitations', ref('stg_survey__invitations_versions')) }}

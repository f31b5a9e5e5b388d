{{ staged_versions('survey_invitations') }}

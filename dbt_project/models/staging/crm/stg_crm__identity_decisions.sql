{{ valid_versions('crm_identity_decisions', ref('stg_crm__identity_decisions_versions')) }}

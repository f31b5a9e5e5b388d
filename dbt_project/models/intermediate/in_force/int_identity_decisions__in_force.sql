{{ as_of('crm_identity_decisions', ref('stg_crm__identity_decisions')) }}

{{ staged_versions('crm_identity_decisions') }}

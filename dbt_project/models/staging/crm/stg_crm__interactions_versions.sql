{{ staged_versions('crm_interactions') }}

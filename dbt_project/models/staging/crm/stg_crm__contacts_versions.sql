{{ staged_versions('crm_contacts') }}

{{ staged_versions('crm_staff') }}

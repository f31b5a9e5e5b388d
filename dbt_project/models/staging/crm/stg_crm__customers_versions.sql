{{ staged_versions('crm_customers') }}

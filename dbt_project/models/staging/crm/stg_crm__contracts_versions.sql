{{ staged_versions('crm_contracts') }}

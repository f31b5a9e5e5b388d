{{ staged_versions('crm_opportunities') }}

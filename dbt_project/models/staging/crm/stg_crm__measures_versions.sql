{{ staged_versions('crm_measures') }}

{{ staged_versions('crm_staff_training') }}

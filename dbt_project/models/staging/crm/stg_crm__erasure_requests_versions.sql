{{ staged_versions('crm_erasure_requests') }}

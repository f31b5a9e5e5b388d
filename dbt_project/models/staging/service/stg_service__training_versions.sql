{{ staged_versions('service_training') }}

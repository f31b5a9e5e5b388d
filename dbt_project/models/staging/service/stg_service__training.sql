{{ valid_versions('service_training', ref('stg_service__training_versions')) }}

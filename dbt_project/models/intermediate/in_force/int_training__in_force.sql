{{ as_of('service_training', ref('stg_service__training')) }}

{{ valid_versions('service_tickets', ref('stg_service__tickets_versions')) }}

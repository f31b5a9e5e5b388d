{{ as_of('service_tickets', ref('stg_service__tickets')) }}

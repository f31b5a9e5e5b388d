{{ staged_versions('service_tickets') }}

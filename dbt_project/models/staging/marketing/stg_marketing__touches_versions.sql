{{ staged_versions('marketing_touches') }}

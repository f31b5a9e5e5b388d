{{ staged_versions('tierkeeper_models') }}

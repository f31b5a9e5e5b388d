{{ staged_versions('tierkeeper_decisions') }}

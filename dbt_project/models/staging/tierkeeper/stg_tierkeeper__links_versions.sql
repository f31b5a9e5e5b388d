{{ staged_versions('tierkeeper_links') }}

{{ staged_versions('tierkeeper_link_weights') }}

{{ staged_versions('loyalty_points') }}

{{ staged_versions('marketing_spend') }}

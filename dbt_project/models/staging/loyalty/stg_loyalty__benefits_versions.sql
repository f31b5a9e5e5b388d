{{ staged_versions('loyalty_benefits') }}

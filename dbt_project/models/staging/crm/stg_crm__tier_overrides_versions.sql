{{ staged_versions('crm_tier_overrides') }}

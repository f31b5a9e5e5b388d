{{ valid_versions('crm_tier_overrides', ref('stg_crm__tier_overrides_versions')) }}

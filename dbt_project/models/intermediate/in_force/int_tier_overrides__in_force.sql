{{ as_of('crm_tier_overrides', ref('stg_crm__tier_overrides')) }}

{{ valid_versions('loyalty_benefits', ref('stg_loyalty__benefits_versions')) }}

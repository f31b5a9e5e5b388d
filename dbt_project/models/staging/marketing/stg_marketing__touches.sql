{{ valid_versions('marketing_touches', ref('stg_marketing__touches_versions')) }}

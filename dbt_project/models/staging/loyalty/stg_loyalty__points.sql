{{ valid_versions('loyalty_points', ref('stg_loyalty__points_versions')) }}

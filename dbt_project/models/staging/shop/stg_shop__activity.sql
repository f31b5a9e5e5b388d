{{ valid_versions('shop_activity', ref('stg_shop__activity_versions')) }}

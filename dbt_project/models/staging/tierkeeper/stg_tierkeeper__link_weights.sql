{{ valid_versions('tierkeeper_link_weights', ref('stg_tierkeeper__link_weights_versions')) }}

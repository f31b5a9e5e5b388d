{{ valid_versions('tierkeeper_links', ref('stg_tierkeeper__links_versions')) }}

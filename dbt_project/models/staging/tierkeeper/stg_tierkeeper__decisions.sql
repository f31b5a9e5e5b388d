{{ valid_versions('tierkeeper_decisions', ref('stg_tierkeeper__decisions_versions')) }}

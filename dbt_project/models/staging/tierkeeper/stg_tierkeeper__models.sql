{{ valid_versions('tierkeeper_models', ref('stg_tierkeeper__models_versions')) }}

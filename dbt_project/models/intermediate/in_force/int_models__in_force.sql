{{ as_of('tierkeeper_models', ref('stg_tierkeeper__models')) }}

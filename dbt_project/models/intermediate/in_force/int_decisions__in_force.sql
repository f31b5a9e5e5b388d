{{ as_of('tierkeeper_decisions', ref('stg_tierkeeper__decisions')) }}

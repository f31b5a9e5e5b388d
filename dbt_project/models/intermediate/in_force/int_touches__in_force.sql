{{ as_of('marketing_touches', ref('stg_marketing__touches')) }}

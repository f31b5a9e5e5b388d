{{ as_of('loyalty_points', ref('stg_loyalty__points')) }}

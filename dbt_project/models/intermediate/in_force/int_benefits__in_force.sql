{{ as_of('loyalty_benefits', ref('stg_loyalty__benefits')) }}

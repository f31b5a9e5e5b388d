{{ as_of('shop_activity', ref('stg_shop__activity')) }}

{{ as_of('shop_orders', ref('stg_shop__orders')) }}

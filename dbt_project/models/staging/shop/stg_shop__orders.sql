{{ valid_versions('shop_orders', ref('stg_shop__orders_versions')) }}

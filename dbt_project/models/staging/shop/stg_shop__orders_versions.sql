{{ staged_versions('shop_orders') }}

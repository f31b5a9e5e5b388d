{{ staged_versions('shop_activity') }}

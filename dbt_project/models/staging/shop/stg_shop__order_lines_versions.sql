{{ staged_versions('shop_order_lines') }}

{{ as_of('shop_order_lines', ref('stg_shop__order_lines')) }}

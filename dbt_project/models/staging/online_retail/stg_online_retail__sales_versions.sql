{{ staged_versions('online_retail_sales') }}

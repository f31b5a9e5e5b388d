{{ as_of('online_retail_sales', ref('stg_online_retail__sales')) }}

{{ staged_versions('finance_exchange_rates') }}

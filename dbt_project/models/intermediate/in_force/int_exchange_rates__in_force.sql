{{ as_of('finance_exchange_rates', ref('stg_finance__exchange_rates')) }}

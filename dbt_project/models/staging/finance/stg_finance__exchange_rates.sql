{{ valid_versions('finance_exchange_rates', ref('stg_finance__exchange_rates_versions')) }}

{{ valid_versions('finance_invoices', ref('stg_finance__invoices_versions')) }}

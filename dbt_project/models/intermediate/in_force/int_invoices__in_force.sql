{{ as_of('finance_invoices', ref('stg_finance__invoices')) }}

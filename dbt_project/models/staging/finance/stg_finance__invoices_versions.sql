{{ staged_versions('finance_invoices') }}

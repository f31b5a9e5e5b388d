{{ valid_versions('crm_customers', ref('stg_crm__customers_versions')) }}

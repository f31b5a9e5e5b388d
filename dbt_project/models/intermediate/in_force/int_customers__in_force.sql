{{ as_of('crm_customers', ref('stg_crm__customers')) }}

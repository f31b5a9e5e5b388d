{{ as_of('crm_contracts', ref('stg_crm__contracts')) }}

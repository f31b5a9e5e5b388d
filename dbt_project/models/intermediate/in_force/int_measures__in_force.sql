{{ as_of('crm_measures', ref('stg_crm__measures')) }}

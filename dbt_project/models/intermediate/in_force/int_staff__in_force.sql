{{ as_of('crm_staff', ref('stg_crm__staff')) }}

{{ as_of('crm_contacts', ref('stg_crm__contacts')) }}

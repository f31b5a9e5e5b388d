{{ as_of('crm_interactions', ref('stg_crm__interactions')) }}

{{ as_of('crm_opportunities', ref('stg_crm__opportunities')) }}

{{ valid_versions('crm_opportunities', ref('stg_crm__opportunities_versions')) }}

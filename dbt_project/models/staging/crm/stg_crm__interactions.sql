{{ valid_versions('crm_interactions', ref('stg_crm__interactions_versions')) }}

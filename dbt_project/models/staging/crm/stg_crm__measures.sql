{{ valid_versions('crm_measures', ref('stg_crm__measures_versions')) }}

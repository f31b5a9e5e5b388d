{{ valid_versions('crm_staff', ref('stg_crm__staff_versions')) }}

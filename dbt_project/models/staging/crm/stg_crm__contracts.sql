{{ valid_versions('crm_contracts', ref('stg_crm__contracts_versions')) }}

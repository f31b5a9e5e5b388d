{{ valid_versions('crm_worklist_results', ref('stg_crm__worklist_results_versions')) }}

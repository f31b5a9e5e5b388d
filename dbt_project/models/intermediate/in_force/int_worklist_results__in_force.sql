{{ as_of('crm_worklist_results', ref('stg_crm__worklist_results')) }}

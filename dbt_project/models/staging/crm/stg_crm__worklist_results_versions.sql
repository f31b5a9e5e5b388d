{{ staged_versions('crm_worklist_results') }}

{{ valid_versions('crm_contacts', ref('stg_crm__contacts_versions')) }}

{{ as_of('service_feedback_actions', ref('stg_service__feedback_actions')) }}

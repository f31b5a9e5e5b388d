{{ staged_versions('service_feedback_actions') }}

{#
    The feeds that are staged, as (source, feed, model of its versions): the one list
    that a new feed is added to when its staging models are written.
#}
{% macro staged_feeds() -%}
    {{ return([
        ('crm', 'contacts', 'stg_crm__contacts_versions'),
        ('crm', 'contracts', 'stg_crm__contracts_versions'),
        ('crm', 'customers', 'stg_crm__customers_versions'),
        ('crm', 'erasure_requests', 'stg_crm__erasure_requests_versions'),
        ('crm', 'identity_decisions', 'stg_crm__identity_decisions_versions'),
        ('crm', 'interactions', 'stg_crm__interactions_versions'),
        ('crm', 'measures', 'stg_crm__measures_versions'),
        ('crm', 'opportunities', 'stg_crm__opportunities_versions'),
        ('crm', 'staff', 'stg_crm__staff_versions'),
        ('crm', 'staff_training', 'stg_crm__staff_training_versions'),
        ('crm', 'tier_overrides', 'stg_crm__tier_overrides_versions'),
        ('crm', 'worklist_results', 'stg_crm__worklist_results_versions'),
        ('finance', 'exchange_rates', 'stg_finance__exchange_rates_versions'),
        ('finance', 'invoices', 'stg_finance__invoices_versions'),
        ('loyalty', 'benefits', 'stg_loyalty__benefits_versions'),
        ('loyalty', 'points', 'stg_loyalty__points_versions'),
        ('marketing', 'campaigns', 'stg_marketing__campaigns_versions'),
        ('marketing', 'spend', 'stg_marketing__spend_versions'),
        ('marketing', 'touches', 'stg_marketing__touches_versions'),
        ('online_retail', 'sales', 'stg_online_retail__sales_versions'),
        ('service', 'feedback_actions', 'stg_service__feedback_actions_versions'),
        ('service', 'tickets', 'stg_service__tickets_versions'),
        ('service', 'training', 'stg_service__training_versions'),
        ('shop', 'activity', 'stg_shop__activity_versions'),
        ('shop', 'orders', 'stg_shop__orders_versions'),
        ('shop', 'order_lines', 'stg_shop__order_lines_versions'),
        ('survey', 'invitations', 'stg_survey__invitations_versions'),
        ('survey', 'responses', 'stg_survey__responses_versions'),
        ('tierkeeper', 'decisions', 'stg_tierkeeper__decisions_versions'),
        ('tierkeeper', 'link_weights', 'stg_tierkeeper__link_weights_versions'),
        ('tierkeeper', 'links', 'stg_tierkeeper__links_versions'),
        ('tierkeeper', 'models', 'stg_tierkeeper__models_versions'),
    ]) }}
{%- endmacro %}

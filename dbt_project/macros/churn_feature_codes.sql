{# The features that the regression may weigh, in the order of the churn_features seed. #}
{% macro churn_feature_codes() -%}
    {{ return([
        'recency_days',
        'purchase_day_count',
        'purchase_day_90_count',
        'purchase_day_365_count',
        'tenure_days',
        'net_revenue_365_amount',
        'silence_ratio',
        'frequency_drop_share',
        'spend_drop_share',
        'complaint_open_days',
        'complaint_90_count',
        'request_open_days',
        'slow_answer_hours',
        'competitor_90_count',
        'satisfaction_share',
        'satisfaction_drop_share',
        'contact_missed_count',
        'invoice_overdue_days',
        'visit_30_count',
        'visit_drop_share',
        'click_180_count',
        'has_unsubscribed',
    ]) }}
{%- endmacro %}

{#
    The feeds that are staged, as (source, feed, model of its versions): the one list
    that a new feed is added to when its staging models are written.
#}
{% macro staged_feeds() -%}
    {{ return([
        ('crm', 'customers', 'stg_crm__customers_versions'),
        ('crm', 'interactions', 'stg_crm__interactions_versions'),
        ('finance', 'exchange_rates', 'stg_finance__exchange_rates_versions'),
        ('online_retail', 'sales', 'stg_online_retail__sales_versions'),
        ('service', 'tickets', 'stg_service__tickets_versions'),
        ('shop', 'orders', 'stg_shop__orders_versions'),
        ('shop', 'order_lines', 'stg_shop__order_lines_versions'),
        ('survey', 'responses', 'stg_survey__responses_versions'),
    ]) }}
{%- endmacro %}

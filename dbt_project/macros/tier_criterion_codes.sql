{# The criteria that a tier policy may have, each with points of its own. #}
{% macro tier_criterion_codes() -%}
    {{ return(measured_criterion_codes() + counted_criterion_codes()) }}
{%- endmacro %}

{# Those among them that are read off what an evaluation knows of a customer (criterion_measure). #}
{% macro measured_criterion_codes() -%}
    {{ return(['value', 'frequency', 'recency', 'tenure', 'predicted_value']) }}
{%- endmacro %}

{# Those among them that count facts over the days of the policy (int_tier_facts__dated). #}
{% macro counted_criterion_codes() -%}
    {{ return([
        'margin', 'active_months', 'activity', 'satisfaction', 'payment', 'service', 'other'
    ]) }}
{%- endmacro %}

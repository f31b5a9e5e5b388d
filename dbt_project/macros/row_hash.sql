{# A whole number that stands for some values, nulls among them; the same on every night. #}
{% macro row_hash(values) -%}
    {{ adapter.dispatch('row_hash')(values) }}
{%- endmacro %}

{% macro default__row_hash(values) -%}
    hash({{ values | join(', ') }})
{%- endmacro %}

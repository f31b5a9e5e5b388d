{# The texts of a group in one, in the order of a column that is unique within the group. #}
{% macro sorted_list(text, order_by, separator) -%}
    {{ adapter.dispatch('sorted_list')(text, order_by, separator) }}
{%- endmacro %}

{% macro default__sorted_list(text, order_by, separator) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order_by }} nulls last)
{%- endmacro %}

{% macro spark__sorted_list(text, order_by, separator) -%}
    listagg({{ text }}, '{{ separator }}') within group (order by {{ order_by }} nulls last)
{%- endmacro %}

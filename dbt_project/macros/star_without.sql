{# Every column but these. #}
{% macro star_without(columns) -%}
    {{ adapter.dispatch('star_without')(columns) }}
{%- endmacro %}

{% macro default__star_without(columns) -%}
    * exclude ({{ columns | join(', ') }})
{%- endmacro %}

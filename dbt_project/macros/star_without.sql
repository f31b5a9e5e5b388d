{# Every column, of one relation of a join or of all, but these. #}
{% macro star_without(columns, relation=none) -%}
    {{ adapter.dispatch('star_without')(columns, relation) }}
{%- endmacro %}

{% macro default__star_without(columns, relation) -%}
    {{ relation ~ '.' if relation else '' }}* exclude ({{ columns | join(', ') }})
{%- endmacro %}

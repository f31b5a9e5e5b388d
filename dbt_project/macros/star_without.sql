{# Every column, of one relation of a join or of all, but these. #}
{% macro star_without(columns, relation=none) -%}
    {{ adapter.dispatch('star_without')(columns, relation) }}
{%- endmacro %}

{% macro default__star_without(columns, relation) -%}
    {{ relation ~ '.' if relation else '' }}* exclude ({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__star_without(columns, relation) -%}
    {{ relation ~ '.' if relation else '' }}* except ({{ columns | join(', ') }})
{%- endmacro %}

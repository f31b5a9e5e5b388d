{# One row per item of a text that a separator splits, as `item`, with the other columns. #}
{% macro split_items(relation, text, separator, columns) -%}
    {{ adapter.dispatch('split_items')(relation, text, separator, columns) }}
{%- endmacro %}

{% macro default__split_items(relation, text, separator, columns) -%}
    select {{ columns | join(', ') }}, unnest(string_split({{ text }}, {{ separator }})) as item
    from {{ relation }}
{%- endmacro %}

{% macro spark__split_items(relation, text, separator, columns) -%}
    select
        {{ columns | join(', ') }},
        explode(split({{ text }}, '\\Q' || {{ separator }} || '\\E')) as item
    from {{ relation }}
{%- endmacro %}

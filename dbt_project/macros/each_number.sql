{#
    A column of a select that makes one row per whole number out of each: from the first to
    before the last, none where there are none.
#}
{% macro each_number(first, before) -%}
    {{ adapter.dispatch('each_number')(first, before) }}
{%- endmacro %}

{% macro default__each_number(first, before) -%}
    unnest(range({{ first }}, {{ before }}))
{%- endmacro %}

{# A sequence counts down where its end lies before its beginning. #}
{% macro spark__each_number(first, before) -%}
    explode(case when {{ first }} < {{ before }} then sequence({{ first }}, {{ before }} - 1) end)
{%- endmacro %}

{# The day of the week of a date: 1 for a Monday to 7 for a Sunday. #}
{% macro weekday_number(date) -%}
    {{ adapter.dispatch('weekday_number')(date) }}
{%- endmacro %}

{% macro default__weekday_number(date) -%}
    cast(extract(isodow from {{ date }}) as integer)
{%- endmacro %}

{% macro spark__weekday_number(date) -%}
    (weekday({{ date }}) + 1)
{%- endmacro %}

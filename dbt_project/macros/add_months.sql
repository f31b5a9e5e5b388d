{# The day so many months after a date; a day that the month lacks becomes its last. #}
{% macro add_months(date, months) -%}
    {{ adapter.dispatch('add_months')(date, months) }}
{%- endmacro %}

{% macro default__add_months(date, months) -%}
    cast({{ date }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{% macro spark__add_months(date, months) -%}
    add_months({{ date }}, cast({{ months }} as integer))
{%- endmacro %}

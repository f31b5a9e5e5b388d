{# The business day of a UTC timestamp. #}
{% macro business_day(utc, timezone) -%}
    {{ adapter.dispatch('business_day')(utc, timezone) }}
{%- endmacro %}

{% macro default__business_day(utc, timezone) -%}
    cast(timezone({{ timezone }}, timezone('UTC', {{ utc }})) as date)
{%- endmacro %}

{% macro spark__business_day(utc, timezone) -%}
    cast(from_utc_timestamp({{ utc }}, {{ timezone }}) as date)
{%- endmacro %}

{# The business day of a UTC timestamp. #}
{% macro business_day(utc, timezone) -%}
    {{ adapter.dispatch('business_day')(utc, timezone) }}
{%- endmacro %}

{# By its microseconds, as in utc_from_local. #}
{% macro default__business_day(utc, timezone) -%}
    cast(timezone({{ timezone }}, make_timestamptz(epoch_us({{ utc }}))) as date)
{%- endmacro %}

{% macro spark__business_day(utc, timezone) -%}
    cast(from_utc_timestamp({{ utc }}, {{ timezone }}) as date)
{%- endmacro %}

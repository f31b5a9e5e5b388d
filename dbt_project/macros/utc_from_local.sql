{# A local timestamp or date of a time zone as a UTC timestamp. #}
{% macro utc_from_local(local, timezone) -%}
    {{ adapter.dispatch('utc_from_local')(local, timezone) }}
{%- endmacro %}

{% macro default__utc_from_local(local, timezone) -%}
    timezone('UTC', timezone({{ timezone }}, {{ local }}))
{%- endmacro %}

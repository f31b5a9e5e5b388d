{# Days from one date to a later one, as a whole number. #}
{% macro days_from(earlier, later) -%}
    {{ adapter.dispatch('days_from')(earlier, later) }}
{%- endmacro %}

{% macro default__days_from(earlier, later) -%}
    ({{ later }} - {{ earlier }})
{%- endmacro %}

{% macro spark__days_from(earlier, later) -%}
    cast(date_diff({{ later }}, {{ earlier }}) as bigint)
{%- endmacro %}

{# Hours from one UTC timestamp to another, with fractions. #}
{% macro hours_between(earlier, later) -%}
    {{ adapter.dispatch('hours_between')(earlier, later) }}
{%- endmacro %}

{% macro default__hours_between(earlier, later) -%}
    cast(epoch_us({{ later }}) - epoch_us({{ earlier }}) as double) / 3600000000
{%- endmacro %}

{% macro spark__hours_between(earlier, later) -%}
    cast(unix_micros({{ later }}) - unix_micros({{ earlier }}) as double) / 3600000000
{%- endmacro %}

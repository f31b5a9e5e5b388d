{# The last value of a window that is not null; an `over` follows. #}
{% macro last_known(value) -%}
    {{ adapter.dispatch('last_known')(value) }}
{%- endmacro %}

{% macro default__last_known(value) -%}
    last_value({{ value }} ignore nulls)
{%- endmacro %}

{% macro spark__last_known(value) -%}
    last_value({{ value }}, true)
{%- endmacro %}

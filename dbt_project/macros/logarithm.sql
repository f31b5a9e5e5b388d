{#
    The natural logarithm, and what it undoes. Engines differ in the last digit: what is
    made of these is compared to nine digits, and rounded only to fewer.
#}
{% macro logarithm(value) -%}
    {#- portable: the last digit differs, and parity compares doubles to nine. #}
    ln({{ value }})
{%- endmacro %}

{% macro exponential(value) -%}
    {#- portable: the last digit differs, and parity compares doubles to nine. #}
    exp({{ value }})
{%- endmacro %}

{# A positive number to a power. #}
{% macro raised(base, exponent) -%}
    {{ exponential('(' ~ exponent ~ ') * ' ~ logarithm(base)) }}
{%- endmacro %}

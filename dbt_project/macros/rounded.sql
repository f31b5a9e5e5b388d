{#
    A double as a decimal of up to 18 digits, halves away from zero. Engines round a plain
    cast at other doubles: here the rounding is that of `round`, and what follows is exact.
    From a double to a whole number every digit goes along, to a decimal on Spark only 17.
#}
{% macro rounded(value, precision, scale) -%}
    cast(
        cast(cast(round(({{ value }}) * {{ 10 ** scale }}) as bigint) as decimal({{ precision }}, 0))
        * cast(0.{{ '0' * (scale - 1) }}1 as decimal({{ scale + 1 }}, {{ scale }}))
        as decimal({{ precision }}, {{ scale }})
    )
{%- endmacro %}

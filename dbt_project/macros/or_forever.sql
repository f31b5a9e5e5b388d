{#
    The last day of a period, far ahead where it has none yet. A join then compares two
    days; by any other condition of an outer join DuckDB looks at every pair of rows.
#}
{% macro or_forever(day) -%}
    coalesce({{ day }}, cast('2999-12-31' as date))
{%- endmacro %}

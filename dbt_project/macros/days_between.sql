{# One row per day from the first to the last of a one-row relation, as `date_day`. #}
{% macro days_between(first, last, relation) -%}
    select cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as date) as date_day
    from {{ relation }}
{%- endmacro %}

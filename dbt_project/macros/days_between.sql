{# One row per day from the first to the last of a one-row relation, as `date_day`. #}
{% macro days_between(first, last, relation) -%}
    {{ adapter.dispatch('days_between')(first, last, relation) }}
{%- endmacro %}

{% macro default__days_between(first, last, relation) -%}
    select cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as date) as date_day
    from {{ relation }}
{%- endmacro %}

{# A sequence that ends before it begins is an error there: it is none here. #}
{% macro spark__days_between(first, last, relation) -%}
    select explode(case
        when {{ first }} <= {{ last }} then sequence({{ first }}, {{ last }}, interval 1 day)
    end) as date_day
    from {{ relation }}
{%- endmacro %}

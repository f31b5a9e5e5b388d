{# A whole number that stands for some values, nulls among them; the same on every night. #}
{% macro row_hash(values) -%}
    {{ adapter.dispatch('row_hash')(values) }}
{%- endmacro %}

{% macro default__row_hash(values) -%}
    hash({{ values | join(', ') }})
{%- endmacro %}

{# Its hash passes over nulls, so whether there is one is a value too; sums need the room. #}
{% macro spark__row_hash(values) -%}
    cast(xxhash64(
        {%- for value in values -%}
        {{ value }}, {{ value }} is null{{ ', ' if not loop.last }}
        {%- endfor -%}
    ) as decimal(20, 0))
{%- endmacro %}

{# One row per feed and column without which none of its rows is taken. #}
{% macro required_columns() -%}
{%- set queries = [] -%}
{%- for source_system, feed, versions, column in columns_with('required') -%}
{%- set query -%}
select
    '{{ source_system }}' as source,
    '{{ feed }}' as feed,
    '{{ column.name }}' as column_name
{%- endset -%}
{%- do queries.append(query) -%}
{%- endfor -%}
{{ all_of(queries) }}
{%- endmacro %}

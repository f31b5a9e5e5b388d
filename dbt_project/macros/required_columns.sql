{# One row per feed and column without which none of its rows is taken. #}
{% macro required_columns() -%}
{%- set parts = [] -%}
{%- for source_system, feed, versions in staged_feeds() -%}
{%- if execute -%}
{%- for column in feed_contract(source_system ~ '_' ~ feed).columns if column.required is defined -%}
{%- set part -%}
select
    '{{ source_system }}' as source,
    '{{ feed }}' as feed,
    '{{ column.name }}' as column_name
{%- endset -%}
{%- do parts.append(part) -%}
{%- endfor -%}
{%- endif -%}
{%- endfor -%}
{{ parts | join('\nunion all\n') if execute else 'select 1 as one' }}
{%- endmacro %}

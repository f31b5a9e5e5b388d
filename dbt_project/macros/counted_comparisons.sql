{#
    One row per feed, column that its YAML says is never below another (`not_below`) and
    moment when rows were told: how many rows in force have both, and how many break it.
#}
{% macro counted_comparisons() -%}
{%- set relations = staged_relations() -%}
{%- set queries = [] -%}
{%- for source_system, feed, versions, column in columns_with('not_below') -%}
{%- set query -%}
select
    '{{ source_system }}' as source,
    '{{ feed }}' as feed,
    '{{ column.name }}' as column_name,
    'not below {{ column.not_below }}' as rule,
    {{ told_at('_exported_at', 'event_at') }} as told_at,
    count(*) as checked_count,
    count(case when {{ column.name }} < {{ column.not_below }} then 1 end) as failed_count
from {{ relations[versions] }}
where
    row_fate = 'staged'
    and {{ column.name }} is not null
    and {{ column.not_below }} is not null
group by {{ told_at('_exported_at', 'event_at') }}
{%- endset -%}
{%- do queries.append(query) -%}
{%- endfor -%}
{{ all_of(queries) }}
{%- endmacro %}

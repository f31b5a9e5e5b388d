{#
    One row per feed, column that its YAML expects to be filled (`expected`) and moment
    when rows were told: how many rows have something in it that can be read.
#}
{% macro counted_cells() -%}
{%- set relations = staged_relations() -%}
{%- set queries = [] -%}
{%- for source_system, feed, versions, column in columns_with('expected') -%}
{%- set query -%}
select
    '{{ source_system }}' as source,
    '{{ feed }}' as feed,
    '{{ column.name }}' as column_name,
    '{{ column.type }}' as column_type,
    {{ told_at('_exported_at', 'event_at') }} as told_at,
    count({{ column.name }}) as filled_count
from {{ relations[versions] }}
where not is_repeated
group by {{ told_at('_exported_at', 'event_at') }}
{%- endset -%}
{%- do queries.append(query) -%}
{%- endfor -%}
{{ all_of(queries) }}
{%- endmacro %}

{#
    One row per feed, column that its YAML expects to be filled (`expected`) and moment
    when rows were told: how many rows have something in it that can be read.
#}
{% macro counted_cells() -%}
{%- set parts = [] -%}
{%- for source_system, feed, versions in staged_feeds() -%}
{%- set relation = ref(versions) -%}
{%- if execute -%}
{%- for column in feed_contract(source_system ~ '_' ~ feed).columns if column.expected is defined -%}
{%- set part -%}
select
    '{{ source_system }}' as source,
    '{{ feed }}' as feed,
    '{{ column.name }}' as column_name,
    '{{ column.type }}' as column_type,
    {{ told_at('_exported_at', 'event_at') }} as told_at,
    count({{ column.name }}) as filled_count
from {{ relation }}
where not is_repeated
group by {{ told_at('_exported_at', 'event_at') }}
{%- endset -%}
{%- do parts.append(part) -%}
{%- endfor -%}
{%- endif -%}
{%- endfor -%}
{{ parts | join('\nunion all\n') if execute else 'select 1 as one' }}
{%- endmacro %}

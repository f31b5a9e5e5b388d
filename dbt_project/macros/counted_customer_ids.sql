{#
    One row per feed whose rows name a customer, id and moment when rows were told, with
    the namespace of the id by the feed's YAML: how many rows in force name it.
#}
{% macro counted_customer_ids() -%}
{%- set parts = [] -%}
{%- for source_system, feed, versions in staged_feeds() -%}
{%- set relation = ref(versions) -%}
{%- if execute -%}
{%- set contract = feed_contract(source_system ~ '_' ~ feed) -%}
{%- set names = contract.columns | map(attribute='name') | list -%}
{%- if contract.namespace is defined and 'source_customer_id' in names
    and contract.key != ['source_customer_id'] -%}
{%- set part -%}
select
    '{{ source_system }}' as source,
    '{{ feed }}' as feed,
    '{{ contract.namespace }}' as namespace,
    source_customer_id,
    {{ told_at('_exported_at', 'event_at') }} as told_at,
    count(*) as row_count
from {{ relation }}
where row_fate = 'staged' and source_customer_id is not null
group by source_customer_id, {{ told_at('_exported_at', 'event_at') }}
{%- endset -%}
{%- do parts.append(part) -%}
{%- endif -%}
{%- endif -%}
{%- endfor -%}
{{ parts | join('\nunion all\n') if execute else 'select 1 as one' }}
{%- endmacro %}

{# The valid versions of a feed's rows, each once: what intermediate models read. #}
{% macro valid_versions(table, versions) -%}
{%- if not execute -%}
select 1 as one
{%- else -%}
{%- set feed = feed_contract(table) %}
with versions as (

    select * from {{ versions }}

),

valid as (

    select
        {%- for column in feed.columns if column.name != 'updated_at' %}
        {{ column.name }},
        {%- endfor %}
        record_key,
        record_hash,
        has_other_versions,
        event_at,
        version_at
    from versions
    where failures is null and row_fate in ('staged', 'superseded')

)

select * from valid
{%- endif -%}
{%- endmacro %}

{#
    The columns of staged feeds whose YAML says this of them, each as (source, feed,
    model of its versions, column). None while dbt parses: a macro that reads the models
    names them all by `ref` then, as it must.
#}
{% macro columns_with(property) -%}
    {%- set found = [] -%}
    {%- for source_system, feed, versions in staged_feeds() if execute -%}
        {%- for column in feed_contract(source_system ~ '_' ~ feed).columns
            if column[property] is defined -%}
            {%- do found.append((source_system, feed, versions, column)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Every model of versions, so that dbt knows of them before it knows which are read. #}
{% macro staged_relations() -%}
    {%- set relations = dict() -%}
    {%- for _, _, versions in staged_feeds() -%}
        {%- do relations.update({versions: ref(versions)}) -%}
    {%- endfor -%}
    {{ return(relations) }}
{%- endmacro %}

{# Queries as one; while dbt parses there are none. #}
{% macro all_of(queries) -%}
    {{ queries | join('\nunion all\n') if queries else 'select 1 as one' }}
{%- endmacro %}

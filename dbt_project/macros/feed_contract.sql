{#
    What the source YAML says of a raw table: its meta, and its columns in order.
    Unit tests compile without sources in the graph, so `prepare_raw` keeps a copy.
#}
{% macro feed_contract(table) -%}
    {%- for source in graph.get('sources', {}).values() if source.name == table -%}
        {%- set columns = [] -%}
        {%- for column in source.columns.values() -%}
            {%- do columns.append(dict(column.config.meta, name=column.name)) -%}
        {%- endfor -%}
        {{ return(dict(source.config.meta, columns=columns)) }}
    {%- endfor -%}
    {%- set kept = run_query(
        "select contract from raw.feed_contracts where table_name = '" ~ table ~ "'"
    ) -%}
    {{ return(fromjson(kept.columns[0].values()[0])) }}
{%- endmacro %}

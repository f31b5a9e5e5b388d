{#
    Before a run: a view on each raw table's Parquet files, a copy of its contract, and a
    place for what models by evaluation were built from.
#}
{% macro prepare_raw() -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'test', 'show', 'seed', 'compile'] -%}
        {%- set folder = env_var('DATA_DIR', '../data') ~ '/raw' -%}
        {%- do run_query('create schema if not exists raw') -%}
        {%- for database in [target.database, 'tierkeeper'] -%}
            {%- do run_query('create schema if not exists ' ~ database ~ '.intermediate') -%}
            {%- do run_query(
                'create table if not exists ' ~ database ~ '.intermediate.built_evaluations '
                ~ '(model_name varchar, evaluation_date date, fingerprint varchar)'
            ) -%}
        {%- endfor -%}
        {%- set contracts = [] -%}
        {%- for source in graph.sources.values() -%}
            {%- set contract = feed_contract(source.name) -%}
            {%- do contracts.append("('" ~ source.name ~ "', '"
                ~ tojson(contract) | replace("'", "''") ~ "')") -%}
            {%- set files = folder ~ '/' ~ contract.source ~ '/' ~ contract.feed ~ '/*.parquet' -%}
            {%- do run_query(raw_view(source.name, files, contract.columns)) -%}
        {%- endfor -%}
        {%- do run_query(
            'create or replace table raw.feed_contracts as '
            ~ 'select * from (values ' ~ contracts | join(', ')
            ~ ') as contracts (table_name, contract)'
        ) -%}
    {%- endif -%}
{%- endmacro %}

{% macro raw_view(table, files, columns) -%}
    create or replace view raw.{{ table }} as
    {%- if not columns %}
    select * from read_parquet('{{ files }}', union_by_name = true)
    {%- else %}
    -- The number is stored only where lines before a row could not be read.
    select
        * exclude (_row_number, file_row_number),
        coalesce(_row_number, file_row_number + _first_row) as _row_number
    from read_parquet('{{ files }}', union_by_name = true, file_row_number = true)
    {%- endif %}
{%- endmacro %}

{#
    Before a run: a view on each raw table's Parquet files, a copy of its contract, and a
    place for what models by evaluation were built from.
#}
{% macro prepare_raw() -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'test', 'show', 'seed', 'compile'] -%}
        {%- set folder = env_var('DATA_DIR', '../data') ~ '/raw' -%}
        {#- portable: a schema is made alike everywhere. #}
        {%- do run_query('create schema if not exists raw') -%}
        {%- do prepare_built_evaluations() -%}
        {%- set contracts = [] -%}
        {%- for source in graph.sources.values() -%}
            {%- set contract = feed_contract(source.name) -%}
            {%- do contracts.append("('" ~ source.name ~ "', '"
                ~ tojson(contract) | replace("'", "''") ~ "')") -%}
            {%- do raw_view(
                source.name, folder ~ '/' ~ contract.source ~ '/' ~ contract.feed, contract.columns
            ) -%}
        {%- endfor -%}
        {%- do keep_contracts(contracts) -%}
    {%- endif -%}
{%- endmacro %}

{# The rows of a raw table's files, each with its number in the file that was delivered. #}
{% macro raw_view(table, folder, columns) -%}
    {{ adapter.dispatch('raw_view')(table, folder, columns) }}
{%- endmacro %}

{% macro default__raw_view(table, folder, columns) -%}
    {%- set view -%}
    create or replace view raw.{{ table }} as
    {%- if not columns %}
    select * from read_parquet('{{ folder }}/*.parquet', union_by_name = true)
    {%- else %}
    -- The number is stored only where lines before a row could not be read.
    select
        * exclude (_row_number, file_row_number),
        coalesce(_row_number, file_row_number + _first_row) as _row_number
    from read_parquet('{{ folder }}/*.parquet', union_by_name = true, file_row_number = true)
    {%- endif %}
    {%- endset -%}
    {%- do run_query(view) -%}
{%- endmacro %}

{% macro spark__raw_view(table, folder, columns) -%}
    {%- do run_query('drop view if exists raw.' ~ table) -%}
    {%- do run_query('drop table if exists raw.' ~ table ~ '_files') -%}
    {%- set files -%}
    create table raw.{{ table }}_files
    using parquet
    options (path '{{ folder }}', mergeSchema 'true')
    {%- endset -%}
    {%- do run_query(files) -%}
    {%- set view -%}
    create view raw.{{ table }} as
    {%- if not columns %}
    select * from raw.{{ table }}_files
    {%- else %}
    select
        * except (_row_number),
        coalesce(_row_number, _metadata.row_index + _first_row) as _row_number
    from raw.{{ table }}_files
    {%- endif %}
    {%- endset -%}
    {%- do run_query(view) -%}
{%- endmacro %}

{# Unit tests compile without sources in the graph: they read the contracts from here. #}
{% macro keep_contracts(contracts) -%}
    {{ adapter.dispatch('keep_contracts')(contracts) }}
{%- endmacro %}

{% macro default__keep_contracts(contracts) -%}
    {%- do run_query(
        'create or replace table raw.feed_contracts as '
        ~ 'select * from (values ' ~ contracts | join(', ')
        ~ ') as contracts (table_name, contract)'
    ) -%}
{%- endmacro %}

{# Unit tests are DuckDB's alone. #}
{% macro spark__keep_contracts(contracts) -%}
{%- endmacro %}

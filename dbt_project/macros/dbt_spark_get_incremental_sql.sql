{#
    On Spark a table is replaced by partitions: rows of staging lie by their batch, those
    of models by evaluation by its day. These take the place of dbt-spark's own macros of
    the same names, which know no `delete+insert` on plain Parquet.

    Partitions of days that do not stand are dropped, and noted as not built before they
    are: what dies half-way is built anew. Then those with coming rows are written whole.
#}
{% macro dbt_spark_get_incremental_sql(
    strategy, source, target, existing, unique_key, incremental_predicates
) %}
    {%- set columns = adapter.get_columns_in_relation(target)
        | map(attribute='name') | join(', ') -%}
    {%- set coming = this ~ '__coming' -%}
    {#- What is read thrice is computed once: Spark would compute a view each time. #}
    {%- do run_query('drop table if exists ' ~ coming) -%}
    {%- do run_query('create table ' ~ coming ~ ' using parquet as select * from ' ~ source) -%}
    {%- if strategy == 'by_evaluation' -%}
        {%- do drop_touched_partitions(target) -%}
    {%- endif %}
    insert overwrite table {{ target }} partition ({{ partition_column() }})
    select {{ columns }} from {{ coming }}
    union all
    select {{ columns }}
    from {{ target }} as standing
    left semi join {{ coming }} as coming
        on standing.{{ partition_column() }} = coming.{{ partition_column() }}
    left anti join {{ coming }} as replaced
        on
            {%- for key in unique_key %}
            {{ 'and ' if not loop.first }}standing.{{ key }} = replaced.{{ key }}
            {%- endfor %}
{% endmacro %}

{# After each model: what came of it lies in its partitions now. #}
{% macro drop_coming() -%}
    {{ adapter.dispatch('drop_coming')() }}
{%- endmacro %}

{% macro default__drop_coming() -%}
{%- endmacro %}

{% macro spark__drop_coming() -%}
    {%- if model.config.materialized == 'incremental' -%}
        drop table if exists {{ this }}__coming
    {%- endif -%}
{%- endmacro %}

{% macro drop_touched_partitions(target) -%}
    {%- set standing = run_query(standing_evaluations()).columns[0].values()
        | map('string') | list -%}
    {%- set noted -%}
    insert overwrite table {{ built_evaluations() }}
    {{ fingerprints_to_note() }}
    where cast(evaluation_date as string) in ('{{ standing | join("', '") }}')
    {%- endset -%}
    {%- do run_query(noted) -%}
    {%- for partition in run_query('show partitions ' ~ target).columns[0].values()
        if partition.split('=')[1] not in standing -%}
        {%- do run_query(
            'alter table ' ~ target ~ ' drop partition ('
            ~ partition.split('=')[0] ~ " = date '" ~ partition.split('=')[1] ~ "')"
        ) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format) %}
    {%- if raw_strategy not in ['delete+insert', 'by_evaluation'] -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ' has the incremental strategy ' ~ raw_strategy
            ~ ': on Spark it is delete+insert or by_evaluation.'
        ) }}
    {%- endif -%}
    {{ return(raw_strategy) }}
{% endmacro %}

{% macro spark__partition_cols(label, required=false) -%}
    {%- if model.config.materialized == 'incremental' -%}
        {{ label }} ({{ partition_column() }})
    {%- endif -%}
{%- endmacro %}

{% macro partition_column() -%}
    {{ 'evaluation_date' if model.config.incremental_strategy == 'by_evaluation'
        else model.config.unique_key[0] }}
{%- endmacro %}

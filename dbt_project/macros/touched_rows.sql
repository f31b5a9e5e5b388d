{#
    Models of the incremental strategy `by_evaluation` hold rows of evaluations, each row a
    function of what the evaluation sees and of earlier evaluations. Where its fingerprint
    (int_evaluations__fingerprinted) is the one that the model was last built from, so are
    its rows; from the first evaluation on where it is not, they are built anew. Where that is
    the first of all, the model is built as from nothing: what it keeps is only ever read of
    evaluations that stand.
#}

{# The rows of a relation that this model has to build: all of them from nothing. #}
{% macro touched_rows(relation) -%}
{%- if is_incremental() -%}
select evaluated.*
from {{ relation }} as evaluated
inner join ({{ touched_evaluations() }}) as touched
    on evaluated.evaluation_date = touched.evaluation_date
{%- else -%}
select * from {{ relation }}
{%- endif -%}
{%- endmacro %}

{# The days of the evaluations that this model has to build in this night. #}
{% macro touched_evaluations() -%}
select fingerprints.evaluation_date
from {{ fingerprints() }} as fingerprints
where fingerprints.evaluation_date >= (
    select min(current_fingerprints.evaluation_date)
    from {{ fingerprints() }} as current_fingerprints
    left join {{ built_evaluations() }} as built
        on built.model_name = '{{ this.name }}'
        and current_fingerprints.evaluation_date = built.evaluation_date
        and current_fingerprints.fingerprint = built.fingerprint
    where built.model_name is null
)
{%- endmacro %}

{# The days of those before, whose rows stand: a preview of another day is none of them. #}
{% macro standing_evaluations() -%}
select standing.evaluation_date
from {{ fingerprints() }} as standing
where standing.evaluation_date not in ({{ touched_evaluations() }})
{%- endmacro %}

{# Never by ref: each of these models has it among its ancestors, and tests give no second one. #}
{% macro fingerprints() -%}
    {{ target.database ~ '.' if target.database }}intermediate.int_evaluations__fingerprinted
{%- endmacro %}

{# Of each of these models, the evaluations that it holds and their fingerprints then. #}
{% macro built_evaluations() -%}
    {{ adapter.dispatch('built_evaluations')() }}
{%- endmacro %}

{# In the model's own file, since a transaction writes to one. #}
{% macro default__built_evaluations() -%}
    {{ this.database }}.intermediate.built_evaluations
{%- endmacro %}

{# A list for each model, since two statements may not write to one table at a time. #}
{% macro spark__built_evaluations() -%}
    intermediate.{{ this.name }}__built
{%- endmacro %}

{#
    Takes the place of dbt's own: a model none of whose evaluations stands is built as from
    nothing. To write all rows to a table beside, delete all and insert all again takes
    longer, and more memory. The answer is kept, since a model asks several times while it is
    compiled and while it is run, and nothing that decides it changes between. `dbt compile`
    does not ask: it shows what a night with standing evaluations builds.
#}
{% macro should_full_refresh() %}
    {%- if config.get('full_refresh') is not none -%}
        {%- do return(config.get('full_refresh')) -%}
    {%- endif -%}
    {%- set is_built = execute and flags.WHICH in ['build', 'run'] -%}
    {%- if
        flags.FULL_REFRESH
        or not is_built
        or config.get('incremental_strategy') != 'by_evaluation' -%}
        {%- do return(flags.FULL_REFRESH) -%}
    {%- endif -%}
    {%- if 'stands_in_part' not in model -%}
        {%- set standing = run_query(
            'select count(*) from (' ~ standing_evaluations() ~ ') as standing'
        ) -%}
        {%- do model.update({'stands_in_part': standing.columns[0].values()[0] > 0}) -%}
        {%- if not model.stands_in_part -%}
            {%- do adapter.dispatch('forget_fingerprints')() -%}
        {%- endif -%}
    {%- endif -%}
    {%- do return(not model.stands_in_part) -%}
{% endmacro %}

{# In DuckDB the new table and its fingerprints come in one transaction. #}
{% macro default__forget_fingerprints() -%}
{%- endmacro %}

{# What dies between the new table and its fingerprints shall not stand by those of the old. #}
{% macro spark__forget_fingerprints() -%}
    {%- do run_query(
        'insert overwrite table ' ~ built_evaluations() ~ ' ' ~ fingerprints_to_note()
        ~ ' where false'
    ) -%}
{%- endmacro %}

{# Rows from the first touched evaluation on, of days that are none any more, and such as come anew. #}
{% macro get_incremental_by_evaluation_sql(arguments) -%}
    {%- set target = arguments.target_relation -%}
    {%- set coming = arguments.temp_relation -%}
    {%- set keys = arguments.unique_key | join(', ') -%}
    {%- set columns = arguments.dest_columns | map(attribute='quoted') | join(', ') %}
    {#- portable: dbt-duckdb alone asks for it; Spark replaces partitions. #}
    delete from {{ target }}
    where
        evaluation_date not in ({{ standing_evaluations() }})
        or ({{ keys }}) in (
            select ({{ keys }}) from {{ coming }}
            where evaluation_date not in ({{ touched_evaluations() }})
        );
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ coming }};
{%- endmacro %}

{# After each model, within its transaction: what a model of this strategy was built from. #}
{% macro keep_fingerprints() -%}
    {%- if execute and model.config.incremental_strategy == 'by_evaluation' -%}
        {{ adapter.dispatch('keep_fingerprints')() }}
    {%- endif -%}
{%- endmacro %}

{% macro fingerprints_to_note() -%}
    select
        '{{ this.name }}' as model_name,
        evaluation_date,
        fingerprint
    from {{ fingerprints() }}
{%- endmacro %}

{% macro default__keep_fingerprints() %}
    delete from {{ built_evaluations() }} where model_name = '{{ this.name }}';
    insert into {{ built_evaluations() }}
    {{ fingerprints_to_note() }};
{%- endmacro %}

{# One statement, since Spark takes no more. #}
{% macro spark__keep_fingerprints() -%}
    insert overwrite table {{ built_evaluations() }}
    {{ fingerprints_to_note() }}
{%- endmacro %}

{# Before a run: an empty list in each file that holds such models. #}
{% macro prepare_built_evaluations() -%}
    {{ adapter.dispatch('prepare_built_evaluations')() }}
{%- endmacro %}

{% macro default__prepare_built_evaluations() -%}
    {%- for database in [target.database, 'tierkeeper'] -%}
        {%- do run_query('create schema if not exists ' ~ database ~ '.intermediate') -%}
        {%- do run_query(
            'create table if not exists ' ~ database ~ '.intermediate.built_evaluations '
            ~ '(model_name string, evaluation_date date, fingerprint string)'
        ) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro spark__prepare_built_evaluations() -%}
    {%- do run_query('create schema if not exists intermediate') -%}
    {%- for node in graph.nodes.values()
        if node.config.incremental_strategy == 'by_evaluation' -%}
        {%- do run_query(
            'create table if not exists intermediate.' ~ node.name ~ '__built '
            ~ '(model_name string, evaluation_date date, fingerprint string) using parquet'
        ) -%}
    {%- endfor -%}
{%- endmacro %}

{#
    The version of each record in force at the end of the run's day (docs/sources.md),
    with what was learned later blanked. `versions` is a relation of valid versions,
    `table` the raw table whose contract says which columns are `later`. Of a feed without
    such columns the relation may bear other names than the contract (renamed in staging).
    The versions are not imported by a CTE: what is read twice DuckDB would hold whole.
#}
{% macro as_of(table, versions) -%}
{%- set parameters = ref('run_parameters') -%}
{%- if not execute -%}
select 1 as one
{%- else -%}
{%- set feed = feed_contract(table) -%}
{%- set later = dict() -%}
{%- set types = dict() -%}
{%- for column in feed.columns -%}
    {%- do types.update({column.name: column.type}) -%}
    {%- if column.later is defined -%}{%- do later.update({column.name: column.later}) -%}{%- endif -%}
{%- endfor %}
with parameters as (

    select
        as_of_date,
        as_of_at
    from {{ parameters }}

),

alone as (

    select
        versions.*,
        versions.version_at <= parameters.as_of_at as is_known,
        parameters.as_of_date,
        parameters.as_of_at
    from {{ versions }} as versions
    cross join parameters
    where
        versions.event_at <= parameters.as_of_at
        and not versions.has_other_versions

),

visible as (

    select
        versions.*,
        versions.version_at <= parameters.as_of_at as is_known,
        parameters.as_of_date,
        parameters.as_of_at
    from {{ versions }} as versions
    cross join parameters
    where
        versions.event_at <= parameters.as_of_at
        and versions.has_other_versions

),

-- The newest that is known by then; else the oldest of all, a first export.
contested as (

    select *
    from visible
    qualify
        row_number() over (
            partition by record_key
            order by
                is_known desc nulls last,
                case when is_known then version_at end desc nulls last,
                case when is_known then record_hash end desc nulls last,
                version_at asc nulls last,
                record_hash asc nulls last
        ) = 1

),

in_force as (

    select * from alone
    union all
    select * from contested

),

as_of as (

    {%- if not later %}
    select {{ star_without(['is_known', 'as_of_date', 'as_of_at']) }}
    {%- else %}
    select
        {%- for column in feed.columns if column.name != 'updated_at' %}
        {%- if column.name not in later %}
        {{ column.name }},
        {%- else %}
        {%- set rule = later[column.name] %}
        {%- set fallback = "cast(" ~ ("'" ~ rule.fallback ~ "'" if rule.fallback is defined else 'null')
            ~ " as " ~ sql_type(column.type) ~ ")" %}
        {%- if rule.at is defined %}
        {%- set limit = 'as_of_date' if types[rule.at] in ['date', 'month'] else 'as_of_at' %}
        case
            when {{ rule.at }} <= {{ limit }} then {{ column.name }}
            when {{ rule.at }} is null and is_known then {{ column.name }}
            else {{ fallback }}
        end as {{ column.name }},
        {%- else %}
        case when is_known then {{ column.name }} else {{ fallback }} end as {{ column.name }},
        {%- endif %}
        {%- endif %}
        {%- endfor %}
        record_key,
        event_at,
        version_at
    {%- endif %}
    from in_force

)

select * from as_of
{%- endif -%}
{%- endmacro %}

{% macro sql_type(type) -%}
    {{ {'text': 'string', 'code': 'string', 'integer': 'bigint', 'money': 'decimal(18, 4)', 'quantity': 'decimal(18, 4)',
        'decimal': 'decimal(28, 10)', 'date': 'date', 'month': 'date', 'boolean': 'boolean',
        'timestamp': 'timestamp'}[type] }}
{%- endmacro %}

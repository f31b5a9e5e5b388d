{#
    A raw text as a value of a declared type, null where it is not of the expected form.
    Forms are matched before casting: a cast alone takes `1_000`, `infinity` and `epoch`,
    rounds 1.99999 to 2, and drops an offset. Timestamps come out in UTC.
#}
{% macro typed(type, text, timezone) -%}
    {{ adapter.dispatch('typed')(type, text, timezone) }}
{%- endmacro %}

{% macro default__typed(type, text, timezone) -%}
    {%- set day = '[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set clock = '[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?' -%}
    {%- set offset = '(Z|[+-][0-9]{2}(:?[0-9]{2})?)' -%}
    {%- if type in ['text', 'code'] -%}
        {{ text }}
    {%- elif type == 'integer' -%}
        case when regexp_matches({{ text }}, '^[+-]?[0-9]{1,18}([.]0*)?$')
            then try_cast(split_part({{ text }}, '.', 1) as bigint) end
    {%- elif type in ['money', 'quantity', 'decimal'] -%}
        case when regexp_matches(
            {{ text }}, '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?$'
        ) then
            {%- if type != 'decimal' %}
            try_cast({{ text }} as decimal(18, 4))
            {%- else %}
            -- The narrow type is fifty times faster, and has room for nearly all.
            coalesce(
                cast(try_cast({{ text }} as decimal(18, 10)) as decimal(28, 10)),
                try_cast({{ text }} as decimal(28, 10))
            )
            {%- endif %}
        end
    {%- elif type == 'date' -%}
        case when regexp_matches({{ text }}, '^{{ day }}([ T]00:00(:00([.]0+)?)?)?$')
            then try_cast(left({{ text }}, 10) as date) end
    {%- elif type == 'month' -%}
        case when regexp_matches({{ text }}, '^[0-9]{4}-[0-9]{2}(-01([ T]00:00(:00)?)?)?$')
            then try_cast(left({{ text }}, 7) || '-01' as date) end
    {%- elif type == 'boolean' -%}
        case
            when lower({{ text }}) in ('true', 't', 'yes', 'y', '1', '是') then true
            when lower({{ text }}) in ('false', 'f', 'no', 'n', '0', '否') then false
        end
    {%- elif type == 'timestamp' -%}
        case
            when regexp_matches({{ text }}, '^{{ day }}([ T]{{ clock }})?$')
                then {{ utc_from_local('try_cast(' ~ text ~ ' as timestamp)', timezone) }}
            -- DuckDB reads an offset only behind seconds.
            when regexp_matches({{ text }}, '^{{ day }}[ T][0-9]{2}:[0-9]{2}{{ offset }}$')
                then timezone('UTC', try_cast(
                    left({{ text }}, 16) || ':00' || substr({{ text }}, 17) as timestamptz
                ))
            when regexp_matches({{ text }}, '^{{ day }}[ T]{{ clock }}{{ offset }}$')
                then timezone('UTC', try_cast({{ text }} as timestamptz))
        end
    {%- else -%}
        {{ exceptions.raise_compiler_error('No such type of a column: ' ~ type) }}
    {%- endif -%}
{%- endmacro %}

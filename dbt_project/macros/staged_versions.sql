{#
    Every raw row of a feed, typed, with its fate and its failures (docs/sources.md);
    everything comes from the feed's contract in the source YAML.

    Columns: the declared ones, typed; where the row stood (_file, _row_number, _batch,
    _exported_at); record_key (text), record_hash (md5 of the content), event_at,
    version_at, has_other_versions, row_fate, failures. `failures` is null for a good
    row, else items split by chr(30), each column, rule and value split by chr(31); the
    value of a personal column is masked. The raw line of a row that could not be read
    is never passed on: only its form is.
#}
{% macro staged_versions(table) -%}
{%- set raw = source('raw', table) -%}
{%- set settings = ref('stg_tierkeeper__settings') -%}
{%- set labels = ref('labels') -%}
{%- set releases = ref('quarantine_releases') -%}
{%- if not execute -%}
select 1 as one
{%- else -%}
{%- set feed = feed_contract(table) -%}
{%- set columns = feed.columns -%}
{%- set names = columns | map(attribute='name') | list -%}
{%- set codes = columns | selectattr("code_list", "defined") | list -%}
{%- set types = dict() -%}
{%- for column in columns -%}{%- do types.update({column.name: column.type}) -%}{%- endfor -%}
{%- set later_times = [] -%}
{%- for column in columns if column.later is defined and column.later.at is defined
    and column.later.at not in later_times -%}
    {%- do later_times.append(column.later.at) -%}
{%- endfor %}
with source as (

    select * from {{ raw }}

),

settings as (

    select * from {{ settings }}

),

labels as (

    select * from {{ labels }}

),

releases as (

    select * from {{ releases }}

),

texts as (

    select
        _file,
        _row_number,
        _batch,
        _exported_at,
        _unparsed_line,
        {%- for name in names %}
        nullif(trim({{ name }}), '') as {{ name }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from source

),

hashed as (

    select
        *,
        -- A released line is known by this: a column more in the contract must not move it.
        case
            when _unparsed_line is not null then md5(_unparsed_line)
            else md5({% for name in names -%}
                coalesce({{ name }}, ''){{ " || chr(31) || " if not loop.last }}
            {%- endfor %})
        end as record_hash
    from texts

),

typed as (

    select
        hashed._file,
        hashed._row_number,
        hashed._batch,
        hashed._exported_at,
        hashed._unparsed_line,
        hashed.record_hash,
        {%- for column in columns %}
        {{ typed(column.type, 'hashed.' ~ column.name, 'settings.business_timezone') }}
            as {{ column.name }},
        {%- if column.type not in ['text', 'code'] %}
        hashed.{{ column.name }} as {{ column.name }}__text,
        {%- endif %}
        {%- endfor %}
        settings.business_timezone
    from hashed
    cross join settings

),

judged as (

    select
        typed.*,
        {%- if feed.event is defined %}
        {{ instant_of(feed.event, types, 'typed') }}
        {%- else %}
        cast(null as timestamp)
        {%- endif %} as happened_at,
        nullif(concat_ws(
            chr(30),
            case
                when typed._unparsed_line is not null
                    then chr(31) || 'unparsed' || chr(31) || {{ masked_form('typed._unparsed_line') }}
            end
            {%- for column in columns %}
            {%- set text = 'typed.' ~ column.name
                ~ ('' if column.type in ['text', 'code'] else '__text') %}
            {%- set seen = masked_form(text) if column.pii is defined and column.pii else text %}
            {%- if column.required is defined and column.required %},
            case
                when {{ text }} is null and typed._unparsed_line is null
                    then '{{ column.name }}' || chr(31) || 'required' || chr(31)
            end
            {%- endif %}
            {%- if column.type not in ['text', 'code'] %},
            case
                when {{ text }} is not null and typed.{{ column.name }} is null
                    then '{{ column.name }}' || chr(31) || '{{ column.type }}' || chr(31) || {{ seen }}
            end
            {%- endif %}
            {%- if column.code_list is defined %},
            case
                when {{ text }} is not null and {{ column.name }}__codes.code is null
                    then '{{ column.name }}' || chr(31) || 'one of {{ column.code_list }}' || chr(31)
                        || {{ seen }}
            end
            {%- endif %}
            {%- if column.range is defined %},
            case
                when {% if column.range.min is defined -%}
                    typed.{{ column.name }} < {{ column.range.min }}
                {%- endif %}
                {%- if column.range.min is defined and column.range.max is defined %} or {% endif %}
                {%- if column.range.max is defined -%}
                    typed.{{ column.name }} > {{ column.range.max }}
                {%- endif %}
                    then '{{ column.name }}' || chr(31) || '{{ range_rule(column.range) }}'
                        || chr(31) || {{ seen }}
            end
            {%- endif %}
            {%- endfor %}
            {%- if feed.event is defined and feed.is_plan is not defined %},
            case
                when {{ instant_of(feed.event, types, 'typed') }} > typed._exported_at
                    then '{{ feed.event }}' || chr(31) || 'not after export' || chr(31)
                        || typed.{{ feed.event }}__text
            end
            {%- endif %}
        ), '') as failures
    from typed
    {%- for column in codes %}
    left join labels as {{ column.name }}__codes
        on typed.{{ column.name }} = {{ column.name }}__codes.code
        and {{ column.name }}__codes.list_code = '{{ column.code_list }}'
    {%- endfor %}

),

keyed as (

    select
        judged.*,
        {%- if feed.key %}
        case
            when judged._unparsed_line is null
            {%- for name in feed.key %}
            {%- if columns | selectattr('name', 'equalto', name) | selectattr('required', 'defined') | list %}
                and coalesce({{ key_part(name, types) }}, '') <> ''
            {%- endif %}
            {%- endfor %}
                then {% for name in feed.key -%}
                    coalesce({{ key_part(name, types) }}, '')
                    {%- if not loop.last %} || chr(31) || {% endif %}
                {%- endfor %}
        end as record_key,
        {%- else %}
        -- Without a key, equal lines of one file are told apart by counting them.
        judged.record_hash || ' ' || cast(row_number() over (
            partition by judged._batch, judged.record_hash order by judged._row_number
        ) as varchar) as record_key,
        {%- endif %}
        coalesce(
            {%- if 'updated_at' in names %}
            judged.updated_at,
            {%- endif %}
            judged._exported_at,
            {%- if later_times or feed.event is defined %}
            greatest(
                judged.happened_at
                {%- for name in later_times %},
                {{ instant_of(name, types, 'judged') }}
                {%- endfor %},
                {{ beginning() }}
            ),
            {%- endif %}
            {{ beginning() }}
        ) as version_at
    from judged

),

repeated_keys as (

    select record_key
    from keyed
    where record_key is not null
    group by record_key
    having count(*) > 1

),

-- Windows only over keys that repeat: nearly all rows stand alone.
contested as (

    select
        keyed._batch,
        keyed._row_number,
        keyed.record_key,
        keyed.record_hash,
        keyed.failures is null as is_valid,
        keyed.version_at,
        min(case when keyed.failures is null then least(keyed.version_at, keyed._exported_at) end)
            over (partition by keyed.record_key) as first_known_at,
        max(case when keyed.failures is null then keyed.version_at end)
            over (partition by keyed.record_key) as newest_valid_at,
        row_number() over (
            partition by keyed.record_key, keyed.version_at, keyed.record_hash
            order by keyed._file, keyed._row_number, keyed._batch
        ) as copy_number
    from keyed
    inner join repeated_keys
        on keyed.record_key = repeated_keys.record_key

),

ranked as (

    select
        *,
        row_number() over (
            partition by record_key, is_valid, copy_number = 1
            order by version_at desc nulls last, record_hash desc nulls last
        ) as newness,
        count(case when is_valid and copy_number = 1 then 1 end)
            over (partition by record_key) as version_count
    from contested

),

fated as (

    select
        {%- for name in names %}
        keyed.{{ name }},
        {%- endfor %}
        keyed._file,
        keyed._row_number,
        keyed._batch,
        keyed._exported_at,
        keyed.record_key,
        keyed.record_hash,
        {%- if feed.event is not defined %}
        {{ beginning() }} as event_at,
        {%- elif feed.is_plan is defined %}
        -- A plan is known from when it was first told, or from its own day.
        least(
            keyed.happened_at,
            {%- if feed.done is defined %}
            {{ instant_of(feed.done, types, 'keyed') }},
            {%- endif %}
            coalesce(ranked.first_known_at, least(keyed.version_at, keyed._exported_at))
        ) as event_at,
        {%- else %}
        coalesce(keyed.happened_at, keyed.version_at) as event_at,
        {%- endif %}
        keyed.version_at,
        coalesce(ranked.version_count, 1) > 1 as has_other_versions,
        case
            when ranked.copy_number > 1 then 'duplicate'
            when keyed.failures is null and coalesce(ranked.newness, 1) = 1 then 'staged'
            when keyed.failures is null then 'superseded'
            when ranked.newest_valid_at >= keyed.version_at then 'superseded'
            when releases.line_hash is not null then 'superseded'
            else 'quarantined'
        end as row_fate,
        keyed.failures
    from keyed
    left join ranked
        on keyed._batch = ranked._batch
        and keyed._row_number = ranked._row_number
    left join releases
        on keyed._unparsed_line is not null
        and releases.source = '{{ feed.source }}'
        and releases.feed = '{{ feed.feed }}'
        and keyed.record_hash = releases.line_hash

)

select * from fated
{%- endif -%}
{%- endmacro %}

{# A time or day column as an instant: a day begins at its midnight. #}
{% macro instant_of(name, types, relation) -%}
    {%- if types[name] in ['date', 'month'] -%}
        {{ utc_from_local('cast(' ~ relation ~ '.' ~ name ~ ' as timestamp)', relation ~ '.business_timezone') }}
    {%- else -%}
        {{ relation }}.{{ name }}
    {%- endif -%}
{%- endmacro %}

{% macro key_part(name, types) -%}
    {%- if types[name] in ['text', 'code'] -%}
        judged.{{ name }}
    {%- else -%}
        cast(judged.{{ name }} as varchar)
    {%- endif -%}
{%- endmacro %}

{% macro range_rule(range) -%}
    {%- if range.max is not defined -%} at least {{ range.min }}
    {%- elif range.min is not defined -%} at most {{ range.max }}
    {%- else -%} between {{ range.min }} and {{ range.max }}
    {%- endif -%}
{%- endmacro %}

{# Since always: what has no time of its own was there before everything. #}
{% macro beginning() -%}
    cast('1900-01-01 00:00:00' as timestamp)
{%- endmacro %}

{# The form of a text without its content: letters become x, digits 9. #}
{% macro masked_form(text) -%}
    left(regexp_replace(regexp_replace({{ text }}, '[0-9]', '9', 'g'), '[^9 ,;|:@./"+-]', 'x', 'g'), 80)
{%- endmacro %}

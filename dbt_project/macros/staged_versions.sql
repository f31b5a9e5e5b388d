{#
    Every raw row of a feed, typed, with its fate and its failures (docs/sources.md);
    everything comes from the feed's contract in the source YAML.

    Columns: the declared ones, typed; where the row stood (_file, _row_number, _batch,
    _exported_at); record_key (text), record_hash (of the content, by md5), event_at,
    version_at, has_other_versions, is_repeated (the same row stands in the same export
    before it), row_fate, failures. `failures` is null for a good row, else items split
    by chr(30), each column, rule and value split by chr(31); the value of a personal
    column is masked. The raw line of a row that could not be read is never passed on:
    only its form is.

    From nothing, all rows are typed in one stream and only those whose key came more
    than once a second time, to be ranked. In a night, only the rows of new batches are,
    with the earlier ones of the same keys, which they may supersede. Raw and this table
    are not imported by a CTE: what is read twice DuckDB would hold whole.
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
{%- set types = dict() -%}
{%- for column in columns -%}{%- do types.update({column.name: column.type}) -%}{%- endfor %}
with settings as (

    select * from {{ settings }}

),

labels as (

    select * from {{ labels }}

),

releases as (

    select * from {{ releases }}

),

{%- if is_incremental() %}

new_batches as (

    select distinct _batch from {{ raw }}
    except
    select distinct _batch from {{ this }}

),

new_rows as (

    select source.*
    from {{ raw }} as source
    inner join new_batches
        on source._batch = new_batches._batch

),

arrived as (

    {{ keyed_rows(feed, 'new_rows') | indent(4) }}

),

new_keys as (

    select distinct record_key
    from arrived
    where record_key is not null

),

met_again as (

    select
        {%- for name in names %}
        versions.{{ name }},
        {%- endfor %}
        versions._file,
        versions._row_number,
        versions._batch,
        versions._exported_at,
        cast(null as string) as _unparsed_line,
        versions.record_key,
        versions.record_hash,
        {%- if feed.event is defined %}
        {{ instant_of(feed.event, types, 'versions', 'settings.business_timezone') }}
        {%- else %}
        cast(null as timestamp)
        {%- endif %} as happened_at,
        versions.version_at,
        versions.failures,
        settings.business_timezone
    from {{ this }} as versions
    inner join new_keys
        on versions.record_key = new_keys.record_key
    cross join settings

),

keyed as (

    select * from arrived
    union all
    select * from met_again

),

repeated as (

    select * from keyed

),
{%- elif feed.key %}

-- By a number for the key, which may say so of a few rows too many: they are ranked alone.
repeated_keys as (

    select {{ key_hash(feed, 'source', 'settings.business_timezone') }} as key_hash
    from {{ raw }} as source
    cross join settings
    group by key_hash
    having count(*) > 1

),

repeated_rows as (

    select source.*
    from {{ raw }} as source
    cross join settings
    inner join repeated_keys
        on {{ key_hash(feed, 'source', 'settings.business_timezone') }}
        = repeated_keys.key_hash

),

keyed as (

    {{ keyed_rows(feed, raw) | indent(4) }}

),

repeated as (

    {{ keyed_rows(feed, 'repeated_rows') | indent(4) }}

),
{%- else %}

keyed as (

    {{ keyed_rows(feed, raw) | indent(4) }}

),

repeated as (

    select * from keyed

),
{%- endif %}

contested as (

    select
        _batch,
        _row_number,
        record_key,
        record_hash,
        failures is null as is_valid,
        version_at,
        min(case when failures is null then least(version_at, _exported_at) end)
            over (partition by record_key) as first_known_at,
        max(case when failures is null then version_at end)
            over (partition by record_key) as newest_valid_at,
        row_number() over (
            partition by record_key, version_at, record_hash
            order by _exported_at asc nulls last, _file nulls last, _row_number nulls last, _batch nulls last
        ) as copy_number,
        coalesce(lag(coalesce(_exported_at, {{ beginning() }})) over (
            partition by record_key, version_at, record_hash
            order by _exported_at asc nulls last, _file nulls last, _row_number nulls last, _batch nulls last
        ) = coalesce(_exported_at, {{ beginning() }}), false) as is_repeated
    from repeated
    where record_key is not null

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
            {{ instant_of(feed.done, types, 'keyed', 'keyed.business_timezone') }},
            {%- endif %}
            coalesce(ranked.first_known_at, least(keyed.version_at, keyed._exported_at))
        ) as event_at,
        {%- else %}
        coalesce(keyed.happened_at, keyed.version_at) as event_at,
        {%- endif %}
        keyed.version_at,
        coalesce(ranked.version_count, 1) > 1 as has_other_versions,
        coalesce(ranked.is_repeated, false) as is_repeated,
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
        on case when keyed._unparsed_line is not null then keyed.record_hash end
        = releases.line_hash
        and releases.source = '{{ feed.source }}'
        and releases.feed = '{{ feed.feed }}'

)

select * from fated
{%- endif -%}
{%- endmacro %}

{# The rows of a relation of raw, typed, judged, with their key and version. #}
{% macro keyed_rows(feed, relation) -%}
{%- set columns = feed.columns -%}
{%- set names = columns | map(attribute='name') | list -%}
{%- set codes = columns | selectattr("code_list", "defined") | list -%}
{%- set types = dict() -%}
{%- for column in columns -%}{%- do types.update({column.name: column.type}) -%}{%- endfor -%}
{%- set later_times = [] -%}
{%- for column in columns if column.later is defined and column.later.at is defined
    and column.later.at not in later_times -%}
    {%- do later_times.append(column.later.at) -%}
{%- endfor -%}
{%- set moments = [feed.get('event'), feed.get('done')] + later_times -%}
{%- set optional_times = [] -%}
{%- for column in columns if column.required is not defined and column.name != feed.get('event')
    and (column.type == 'timestamp' or column.name in moments) -%}
    {%- do optional_times.append(column.name) -%}
{%- endfor -%}
with texts as (

    select
        _file,
        _row_number,
        _batch,
        _exported_at,
        _unparsed_line,
        {%- for name in names %}
        {%- if name in optional_times %}
        case
            when left({{ trimmed(name) }}, 10) not in ('', {{ "'" ~ unknown_days() | join("', '") ~ "'" }})
                then {{ trimmed(name) }}
        end as {{ name }}
        {%- else %}
        nullif({{ trimmed(name) }}, '') as {{ name }}
        {%- endif %}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ relation }}

),

hashed as (

    select
        *,
        -- A released line is known by this: a column more in the contract must not move it.
        -- Contents of one key are told apart by half of it; without a key it is the key.
        case
            when _unparsed_line is not null then md5(_unparsed_line)
            else {{ 'left(' if feed.key }}md5(concat_ws(
                chr(31),
                {%- for name in names %}
                coalesce({{ name }}, ''){{ "," if not loop.last }}
                {%- endfor %}
            )){{ ', 16)' if feed.key }}
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
        {{ instant_of(feed.event, types, 'typed', 'typed.business_timezone') }}
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
            {%- set range = range_of(column) %}
            {%- if range %},
            case
                when typed.{{ column.name }} not between {{ range.min }} and {{ range.max }}
                    then '{{ column.name }}' || chr(31) || 'between {{ range.min }} and {{ range.max }}'
                        || chr(31) || {{ seen }}
            end
            {%- endif %}
            {%- if column.name in moments %},
            case
                when typed.{{ column.name }} is not null and left({{ text }}, 4) < '{{ first_year(column) }}'
                    then '{{ column.name }}' || chr(31) || 'not before {{ first_year(column) }}'
                        || chr(31) || {{ seen }}
            end
            {%- endif %}
            {%- endfor %}
            {%- if feed.event is defined and feed.is_plan is not defined %},
            case
                when {{ instant_of(feed.event, types, 'typed', 'typed.business_timezone') }} > typed._exported_at
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
        {{ record_key(feed, 'judged') | indent(8) }} as record_key,
        {%- else %}
        -- Without a key, equal lines of one file are told apart by counting them.
        judged.record_hash || ' ' || cast(row_number() over (
            partition by judged._batch, judged.record_hash order by judged._row_number nulls last
        ) as string) as record_key,
        {%- endif %}
        coalesce(
            {%- if 'updated_at' in names %}
            -- Of a year that stands for nothing, as if there were none.
            case
                when left(judged.updated_at__text, 4) >= '{{ first_year({}) }}'
                    then judged.updated_at
            end,
            {%- endif %}
            judged._exported_at,
            {%- if later_times or feed.event is defined %}
            greatest(
                judged.happened_at
                {%- for name in later_times %},
                {{ instant_of(name, types, 'judged', 'judged.business_timezone') }}
                {%- endfor %},
                {{ beginning() }}
            ),
            {%- endif %}
            {{ beginning() }}
        ) as version_at
    from judged

)

select
    {%- for name in names %}
    {{ name }},
    {%- endfor %}
    _file,
    _row_number,
    _batch,
    _exported_at,
    _unparsed_line,
    record_key,
    record_hash,
    happened_at,
    version_at,
    failures,
    business_timezone
from keyed
{%- endmacro %}

{#
    A number for the key of a row of raw's text: rows of the same key have the same. The
    form of a whole number need not be right here: without a form there is no key.
#}
{% macro key_hash(feed, relation, timezone) -%}
    {%- set parts = [] -%}
    {%- for column in feed.columns if column.name in feed.key -%}
        {%- set text = 'nullif(' ~ trimmed(relation ~ '.' ~ column.name) ~ ", '')" -%}
        {%- if column.type == 'integer' and column.required is defined -%}
            {%- do parts.append("try_cast(split_part(" ~ text ~ ", '.', 1) as bigint)") -%}
        {%- else -%}
            {%- do parts.append(typed(column.type, text, timezone)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ row_hash(parts) }}
{%- endmacro %}

{#
    The key of a typed row as text: null for a line that could not be read, or where a
    required part is missing.
#}
{% macro record_key(feed, relation) -%}
    {%- set parts = [] -%}
    {%- set required = [] -%}
    {%- set by_name = dict() -%}
    {%- for column in feed.columns -%}{%- do by_name.update({column.name: column}) -%}{%- endfor -%}
    {%- for name in feed.key -%}
        {%- set column = by_name[name] -%}
        {%- set text = relation ~ '.' ~ name -%}
        {%- if column.type not in ['text', 'code'] -%}
            {%- set text = 'cast(' ~ text ~ ' as string)' -%}
        {%- endif -%}
        {%- do parts.append('coalesce(' ~ text ~ ", '')") -%}
        {%- if column.required is defined -%}{%- do required.append(parts[-1]) -%}{%- endif -%}
    {%- endfor -%}
case
    when {{ relation }}._unparsed_line is null
    {%- for part in required %}
        and {{ part }} <> ''
    {%- endfor %}
        then {{ parts | join(' || chr(31) || ') }}
end
{%- endmacro %}

{# A time or day column as an instant: a day begins at its midnight. #}
{% macro instant_of(name, types, relation, timezone) -%}
    {%- if types[name] in ['date', 'month'] -%}
        {{ utc_from_local('cast(' ~ relation ~ '.' ~ name ~ ' as timestamp)', timezone) }}
    {%- else -%}
        {{ relation }}.{{ name }}
    {%- endif -%}
{%- endmacro %}

{#
    The least and the greatest value of a column of numbers. Where it names none of its own
    they are beyond what is ever sold, paid or counted: a barcode as a quantity is one row
    in quarantine, and no end of the night. Sums of a customer hold 99 of the largest.
#}
{% macro range_of(column) -%}
    {%- set greatest = {
        'integer': 1000000000,
        'decimal': 1000000000000,
        'money': 1000000000000,
        'quantity': 1000000000000,
    }.get(column.type) -%}
    {%- if greatest is none -%}{{ return({}) }}{%- endif -%}
    {{ return(dict({'min': -greatest, 'max': greatest}, **column.get('range', {}))) }}
{%- endmacro %}

{#
    What systems write for a time that nobody has told: the first day of .NET, of SQL
    Server, of Excel and OLE, of SQL's old defaults and of Unix.
#}
{% macro unknown_days() -%}
    {{ return([
        '0001-01-01', '1753-01-01', '1899-12-30', '1899-12-31', '1900-01-01', '1970-01-01'
    ]) }}
{%- endmacro %}

{#
    No export tells of what happened before: 1900-01-01 and its like stand for a day that
    nobody knows, and a customer who left on it, or bought, would be gone for a century.
#}
{% macro first_year(column) -%} {{ column.get('first_year', 1970) }} {%- endmacro %}

{# Since always: what has no time of its own was there before everything. #}
{% macro beginning() -%}
    cast('1900-01-01 00:00:00' as timestamp)
{%- endmacro %}

{# The form of a text without its content: letters become x, digits 9. #}
{% macro masked_form(text) -%}
    left({{ replaced_form(replaced_form(text, '[0-9]', '9'), '[^9 ,;|:@./"+-]', 'x') }}, 80)
{%- endmacro %}

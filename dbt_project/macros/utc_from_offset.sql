{# A text of a time with its offset from UTC as a UTC timestamp; null if it is none. #}
{% macro utc_from_offset(text) -%}
    {{ adapter.dispatch('utc_from_offset')(text) }}
{%- endmacro %}

{# By its microseconds, as in utc_from_local. #}
{% macro default__utc_from_offset(text) -%}
    make_timestamp(epoch_us(try_cast({{ text }} as timestamptz)))
{%- endmacro %}

{# Its timestamps are instants, shown in the session's time zone, which is UTC. #}
{% macro spark__utc_from_offset(text) -%}
    try_cast({{ text }} as timestamp)
{%- endmacro %}

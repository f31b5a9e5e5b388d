{#
    A local timestamp of a time zone as a UTC timestamp. Where clocks go back, it is the
    later of the two; where they go forward, what they skip is read by the offset before.
#}
{% macro utc_from_local(local, timezone) -%}
    {{ adapter.dispatch('utc_from_local')(local, timezone) }}
{%- endmacro %}

{# By its microseconds: `timezone('UTC', …)` would take as long again. #}
{% macro default__utc_from_local(local, timezone) -%}
    make_timestamp(epoch_us(timezone({{ timezone }}, {{ local }})))
{%- endmacro %}

{# It takes the earlier of the two: the later one is by the offset of a day later. #}
{% macro spark__utc_from_local(local, timezone) -%}
    {%- set later -%}
        to_utc_timestamp({{ local }} + interval '24' hour, {{ timezone }}) - interval '24' hour
    {%- endset -%}
    case
        when from_utc_timestamp({{ later }}, {{ timezone }}) = {{ local }} then {{ later }}
        else to_utc_timestamp({{ local }}, {{ timezone }})
    end
{%- endmacro %}

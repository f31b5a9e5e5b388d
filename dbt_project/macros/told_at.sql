{#
    When a delivered row was told: by its file's export time, else by its own event, to
    the minute; null where neither tells.
#}
{% macro told_at(exported_at, event_at) -%}
    coalesce(
        {{ exported_at }},
        case
            when {{ event_at }} > {{ beginning() }}
                then cast(date_trunc('minute', {{ event_at }}) as timestamp)
        end
    )
{%- endmacro %}

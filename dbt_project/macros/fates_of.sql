{# The fate of each row of a feed, under names that all feeds share. #}
{% macro fates_of(source_system, feed, versions) %}
    select
        '{{ source_system }}' as source,
        '{{ feed }}' as feed,
        _file as file,
        _row_number as row_number,
        _batch as batch,
        _exported_at as exported_at,
        record_hash,
        event_at,
        row_fate,
        failures
    from {{ versions }}
{% endmacro %}

with row_fates as (

    {% for source_system, feed, versions in staged_feeds() %}
        select
            '{{ source_system }}' as source,
            '{{ feed }}' as feed,
            _file as file,
            _row_number as row_number,
            _batch as batch,
            _exported_at as exported_at,
            record_hash,
            event_at,
            version_at,
            has_other_versions,
            is_repeated,
            row_fate,
            failures
        from {{ ref(versions) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from row_fates

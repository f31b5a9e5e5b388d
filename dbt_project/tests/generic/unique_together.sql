{% test unique_together(model, columns) %}

-- Grouped by a number first: where no two rows share one, no two share the columns.
with suspects as (

    select {{ row_hash(columns) }} as key_hash
    from {{ model }}
    group by key_hash
    having count(*) > 1

)

select {{ columns | join(', ') }}
from {{ model }}
where {{ row_hash(columns) }} in (select suspects.key_hash from suspects)
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}

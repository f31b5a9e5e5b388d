{# The lines of a list that are valid on the run's day. #}
{% macro valid_on_run_day(list) -%}
    select lines.*
    from {{ list }} as lines
    inner join {{ ref('run_parameters') }} as run
        on lines.valid_from <= run.as_of_date
        and lines.valid_to >= run.as_of_date
{%- endmacro %}

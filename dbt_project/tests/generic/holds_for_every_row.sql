{% test holds_for_every_row(model, rule) %}

select *
from {{ model }}
where not coalesce({{ rule }}, false)

{% endtest %}

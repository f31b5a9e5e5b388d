{# Of the valid versions of a key exactly one is staged; no row is without a fate. #}
{% test one_version_in_force(model) %}

select record_key
from {{ model }}
where failures is null
group by record_key
having count(case when row_fate = 'staged' then 1 end) <> 1
union all
select record_key
from {{ model }}
where row_fate not in ('staged', 'superseded', 'duplicate', 'quarantined', 'erased')

{% endtest %}

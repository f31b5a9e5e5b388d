{#
    One row per row of a relation and attribute that it tells, as text: `value`, and
    `value_masked`, as it may be published. What is personal stands in the source YAML; a
    name is masked by the record's own type, in the relation's `customer_name_masked`.
#}
{% macro tellings(relation, attributes, columns) -%}
{%- set personal = [] -%}
{%- if execute -%}
    {%- for column in feed_contract('crm_customers').columns if column.pii is defined -%}
        {%- do personal.append(column.name) -%}
    {%- endfor -%}
{%- endif -%}
{%- for attribute in attributes %}
select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    '{{ attribute }}' as attribute_code,
    cast({{ attribute }} as string) as value,
    {%- if attribute == 'customer_name' %}
    customer_name_masked as value_masked
    {%- elif attribute in personal %}
    left(cast({{ attribute }} as string), 1) || '**' as value_masked
    {%- else %}
    cast({{ attribute }} as string) as value_masked
    {%- endif %}
from {{ relation }}
where {{ attribute }} is not null
{{ 'union all' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{# Of a relation of tellings with their rule, which value survives: the first in this order. #}
{% macro survivor_order() -%}
    case when value = leading_value then 0 else 1 end asc nulls last,
    nullif(instr(';' || sources || ';', ';' || source || ';'), 0) asc nulls last,
    case when recency = 'newest' then told_at end desc nulls last,
    case when recency = 'oldest' then opened_at end asc nulls last,
    length(value) desc nulls last,
    source asc nulls last,
    namespace asc nulls last,
    record_id asc nulls last
{%- endmacro %}

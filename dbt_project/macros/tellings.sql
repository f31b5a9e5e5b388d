{#
    One row per row of a relation and attribute that it tells, as text: `value`, and
    `value_masked`, as it may be published. What is personal stands in the source YAML; a
    name is masked by the record's own type, in the relation's `customer_name_masked`.
    The relation is read once, not once for each attribute: Spark plans each reading anew.
#}
{% macro tellings(relation, attributes, columns) -%}
{%- set personal = [] -%}
{%- if execute -%}
    {%- for column in feed_contract('crm_customers').columns if column.pii is defined -%}
        {%- do personal.append(column.name) -%}
    {%- endfor -%}
{%- endif -%}
with attribute_tellings as (

    select
        {%- for column in columns %}
        {{ relation }}.{{ column }},
        {%- endfor %}
        attributes.attribute_code,
        case attributes.attribute_code
            {%- for attribute in attributes %}
            when '{{ attribute }}' then cast({{ relation }}.{{ attribute }} as string)
            {%- endfor %}
        end as value,
        case attributes.attribute_code
            {%- for attribute in attributes %}
            when '{{ attribute }}' then
                {%- if attribute == 'customer_name' %} {{ relation }}.customer_name_masked
                {%- elif attribute in personal %}
                    left(cast({{ relation }}.{{ attribute }} as string), 1) || '**'
                {%- else %} cast({{ relation }}.{{ attribute }} as string)
                {%- endif %}
            {%- endfor %}
        end as value_masked
    from {{ relation }}
    cross join (
        values {% for attribute in attributes -%}
            ('{{ attribute }}'){{ ', ' if not loop.last }}
        {%- endfor %}
    ) as attributes (attribute_code)

)

select *
from attribute_tellings
where value is not null
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

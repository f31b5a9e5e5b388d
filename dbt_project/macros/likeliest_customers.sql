{#
    Whom each component without a name joins: the customer for whom most speaks. Of two
    customers as likely as each other it joins neither. Of two components that are to be
    kept apart no more than one joins a customer, and neither if none is likelier.

    `candidates` has component, customer_component and the confidence of a rule, one row
    a rule; `apart` has component and other_component, both ways.
#}
{% macro likeliest_customers(candidates, apart) -%}
with scores as (

    select
        component,
        customer_component,
        sum(confidence) as confidence
    from {{ candidates }}
    group by component, customer_component

),

best as (

    select
        component,
        customer_component,
        confidence
    from scores
    qualify
        row_number() over (
            partition by component
            order by confidence desc nulls last, customer_component asc nulls last
        ) = 1
        and count(*) over (partition by component, confidence) = 1

),

rivals as (

    select distinct best.component
    from best
    inner join {{ apart }} as apart
        on best.component = apart.component
    inner join best as other_best
        on apart.other_component = other_best.component
        and best.customer_component = other_best.customer_component
        and best.confidence <= other_best.confidence

)

select
    best.component,
    best.customer_component
from best
left join rivals
    on best.component = rivals.component
where rivals.component is null
{%- endmacro %}

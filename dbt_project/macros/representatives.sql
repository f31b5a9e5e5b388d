{#
    Connected components in SQL by contraction (Bögeholz, Brand and Todor, "In-database
    connected component analysis", 2020): in each round every node goes to the least of
    its neighbours, and the edges between those are left. Keys are hashes, so their order
    knows nothing of the graph, and a round leaves about half: a chain of a million
    records takes 24 rounds, the usual twos and threes take two. It ends when no edge is
    left, whatever the length of a chain.
#}

{# One row per node of the edges, with the least key among itself and its neighbours. #}
{% macro representatives(edges) -%}
select
    node,
    min(neighbour) as representative
from (
    select
        left_key as node,
        least(left_key, right_key) as neighbour
    from {{ edges }}
    union all
    select
        right_key as node,
        least(left_key, right_key) as neighbour
    from {{ edges }}
) as ends
group by node
{%- endmacro %}

{# The edges between the representatives; none is left when all is said. #}
{% macro contracted_edges(edges, representatives) -%}
select distinct
    least(left_ends.representative, right_ends.representative) as left_key,
    greatest(left_ends.representative, right_ends.representative) as right_key
from {{ edges }} as edges
inner join {{ representatives }} as left_ends
    on edges.left_key = left_ends.node
inner join {{ representatives }} as right_ends
    on edges.right_key = right_ends.node
where left_ends.representative <> right_ends.representative
{%- endmacro %}

{# The edges among what is given, where some pairs are no edges. #}
{% macro links_of(given) -%}
select
    left_key,
    right_key
from {{ given }}
where not is_apart
{%- endmacro %}

{# What comes of no edges. #}
{% macro no_components() -%}
select
    cast(null as string) as node,
    cast(null as string) as component,
    false as is_cut
where 1 = 0
{%- endmacro %}

{# One row per node with its component, from those of a round's representatives. #}
{% macro composed_components(representatives, components) -%}
select
    representatives.node,
    coalesce(components.component, representatives.representative) as component,
    false as is_cut
from {{ representatives }} as representatives
left join {{ components }} as components
    on representatives.representative = components.node
{%- endmacro %}

{# The components that hold two nodes which are to be kept apart, and their weakest edge. #}
{% macro torn_components(given, components) -%}
select
    ends.component,
    min(edges.confidence) as weakest
from {{ given }} as edges
inner join {{ components }} as ends
    on edges.left_key = ends.node
where
    not edges.is_apart
    and ends.component in (
        select left_ends.component
        from {{ given }} as apart
        inner join {{ components }} as left_ends
            on apart.left_key = left_ends.node
        inner join {{ components }} as right_ends
            on apart.right_key = right_ends.node
            and left_ends.component = right_ends.component
        where apart.is_apart
    )
group by ends.component
{%- endmacro %}

{# What is given of these components without their weakest edges. #}
{% macro cut_edges(given, components, torn) -%}
select
    edges.left_key,
    edges.right_key,
    edges.confidence,
    edges.is_apart
from {{ given }} as edges
left join {{ components }} as ends
    on edges.left_key = ends.node
left join {{ torn }} as torn
    on ends.component = torn.component
where edges.is_apart or edges.confidence > torn.weakest
{%- endmacro %}

{# The components that stand as they are, and what is left of the torn ones. #}
{% macro mended_components(components, torn, cut) -%}
select
    components.node,
    case
        when torn.component is null then components.component
        else coalesce(cut.component, components.node)
    end as component,
    torn.component is not null as is_cut
from {{ components }} as components
left join {{ torn }} as torn
    on components.component = torn.component
left join {{ cut }} as cut
    on components.node = cut.node
{%- endmacro %}

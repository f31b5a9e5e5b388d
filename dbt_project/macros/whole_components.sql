{# The components of what is given, without any two in one that are to be kept apart. #}
{% macro whole_components(steps, given) -%}
    {%- set components = connected_components(steps, keep_step(steps, links_of(given))) -%}
    {%- set torn = keep_step(steps, torn_components(given, components)) -%}
    {%- if not has_rows(torn) -%}
        {{ return(components) }}
    {%- endif -%}
    {%- set cut = keep_step(steps, cut_edges(given, components, torn)) -%}
    {{ return(keep_step(
        steps, mended_components(components, torn, whole_components(steps, cut))
    )) }}
{%- endmacro %}

{# What a query selects as a table of its own, beside the model's, until the model is built. #}
{% macro keep_step(steps, query) -%}
    {%- set name = this.identifier ~ '__' ~ steps | length -%}
    {%- set relation = this.incorporate(path={'identifier': name}, type='table') -%}
    {%- do adapter.drop_relation(relation) -%}
    {%- do run_query(get_create_table_as_sql(False, relation, query)) -%}
    {%- do steps.append(relation) -%}
    {{ return(relation) }}
{%- endmacro %}

{% macro has_rows(relation) -%}
    {{ return(run_query('select 1 as one from ' ~ relation ~ ' limit 1') | length > 0) }}
{%- endmacro %}

{# The components of these edges: rounds until none is left, then back from the last. #}
{% macro connected_components(steps, edges) -%}
    {%- set state = namespace(edges=edges, rounds=[], is_done=false) -%}
    {%- for _ in range(1000) if not state.is_done -%}
        {%- if has_rows(state.edges) -%}
            {%- set round = keep_step(steps, representatives(state.edges)) -%}
            {%- do state.rounds.append(round) -%}
            {%- set state.edges = keep_step(steps, contracted_edges(state.edges, round)) -%}
        {%- else -%}
            {%- set state.is_done = true -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set state.components = keep_step(steps, no_components()) -%}
    {%- for round in state.rounds | reverse -%}
        {%- set state.components = keep_step(
            steps, composed_components(round, state.components)
        ) -%}
    {%- endfor -%}
    {{ return(state.components) }}
{%- endmacro %}

{#
    A model of this materialization selects edges (left_key, right_key, confidence, and
    is_apart for a pair that is to be kept apart); its table has one row per node with an
    edge: node, component, is_cut. Where two that are kept apart would end in one component, the
    weakest edges of that component are cut, one level of confidence after the other,
    until they do not. benchmarks/bare.py does the same without dbt.
#}
{% materialization components, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set steps = [] -%}
    {%- set components = whole_components(steps, keep_step(steps, sql)) -%}
    {%- do adapter.drop_relation(target_relation) -%}
    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, target_relation, 'select * from ' ~ components) }}
    {%- endcall -%}
    {%- for step in steps -%}
        {%- do adapter.drop_relation(step) -%}
    {%- endfor -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

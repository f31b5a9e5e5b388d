{#
    Every run of successive evaluations with the evaluations in it: what an evaluation
    counts stands until the next one that sees a change. Spelled out, so that it is looked
    up and not compared with every evaluation.
#}
{% macro evaluation_spans(evaluations) -%}
    select
        changed.evaluation_number as changed_number,
        next_ones.evaluation_number + 1 as next_number,
        spanned.evaluation_date,
        spanned.evaluation_number,
        spanned.is_provisional,
        spanned.is_latest
    from {{ evaluations }} as changed
    inner join {{ evaluations }} as next_ones
        on changed.evaluation_number <= next_ones.evaluation_number
    inner join {{ evaluations }} as spanned
        on changed.evaluation_number <= spanned.evaluation_number
        and next_ones.evaluation_number >= spanned.evaluation_number
{%- endmacro %}

-- Another round would change nothing: no link in force leaves its component, but where
-- somebody's word cut it.
with judged as (

    select * from {{ ref('int_pairs__judged') }}

),

components as (

    select * from {{ ref('int_records__components') }}

),

leaving as (

    select
        judged.rule_code,
        judged.own_key,
        judged.other_own_key
    from judged
    left join components
        on judged.own_key = components.node
    left join components as other_components
        on judged.other_own_key = other_components.node
    where
        judged.is_link
        and judged.ended_on is null
        and coalesce(
            components.component <> other_components.component
            and not components.is_cut
            and not other_components.is_cut,
            true
        )

)

select * from leaving

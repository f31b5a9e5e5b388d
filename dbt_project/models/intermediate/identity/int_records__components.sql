-- The edges of the graph of records, and the pairs that somebody keeps apart: what its
-- materialization turns into one row per linked record with its component.
with judged as (

    select * from {{ ref('int_pairs__judged') }}

),

decisions as (

    select * from {{ ref('int_identity_decisions__newest') }}

),

edges as (

    select
        own_key as left_key,
        other_own_key as right_key,
        max(confidence) as confidence,
        false as is_apart
    from judged
    where is_link and ended_on is null
    group by own_key, other_own_key
    union all
    select
        own_key as left_key,
        other_own_key as right_key,
        cast(0 as decimal(6, 4)) as confidence,
        true as is_apart
    from decisions
    where verdict = 'different'

)

select * from edges

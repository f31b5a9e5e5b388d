with changes as (

    select * from {{ ref('int_tiers__changed') }}

),

tier_changes as (

    select
        customer_key,
        changed_on,
        from_tier_code,
        to_tier_code,
        from_tier_rank,
        to_tier_rank,
        reason_code,
        is_override,
        score,
        in_force_from
    from changes

)

select * from tier_changes

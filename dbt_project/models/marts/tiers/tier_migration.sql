with moves as (

    select * from {{ ref('int_tiers__migrated') }}

),

tier_migration as (

    select
        month,
        customer_type,
        from_tier_code,
        to_tier_code,
        from_tier_rank,
        to_tier_rank,
        from_tier_rank > 0 and to_tier_rank > from_tier_rank as is_upgrade,
        to_tier_rank < from_tier_rank as is_downgrade,
        customer_count,
        customer_share
    from moves

)

select * from tier_migration

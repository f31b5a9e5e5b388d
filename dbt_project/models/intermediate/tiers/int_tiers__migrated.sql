with evaluated as (

    select * from {{ ref('int_tiers__evaluated') }}

),

moves as (

    select
        cast(date_trunc('month', evaluation_date) as date) as month,
        policy_customer_type as customer_type,
        coalesce(previous_tier_code, 'none') as from_tier_code,
        tier_code as to_tier_code,
        coalesce(previous_tier_rank, 0) as from_tier_rank,
        tier_rank as to_tier_rank,
        count(*) as customer_count
    from evaluated
    where not is_provisional
    group by
        cast(date_trunc('month', evaluation_date) as date), policy_customer_type,
        coalesce(previous_tier_code, 'none'), tier_code,
        coalesce(previous_tier_rank, 0), tier_rank

),

migrated as (

    select
        *,
        cast(customer_count as double) / nullif(sum(customer_count) over (
            partition by month, customer_type, from_tier_code
        ), 0) as customer_share
    from moves

)

select * from migrated

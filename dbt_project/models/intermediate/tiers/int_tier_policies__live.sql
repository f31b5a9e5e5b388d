with policies as (

    select * from {{ ref('tier_policies') }}

),

levels as (

    select * from {{ ref('tier_levels') }}

),

lowest_levels as (

    select *
    from levels
    qualify
        row_number() over (partition by policy_code, policy_version order by tier_rank nulls last)
        = 1

),

-- All others are candidates: they are evaluated beside, and nothing follows from them.
live as (

    select
        policies.*,
        lowest_levels.response_hours as lowest_response_hours,
        lowest_levels.resolution_hours as lowest_resolution_hours
    from policies
    left join lowest_levels
        on policies.policy_code = lowest_levels.policy_code
        and policies.policy_version = lowest_levels.policy_version
    where policies.scenario = 'live'

)

select * from live

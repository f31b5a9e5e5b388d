with policies as (

    {{ valid_on_run_day(ref('int_tier_policies__live')) }}

),

levels as (

    select * from {{ ref('tier_levels') }}

),

current_levels as (

    select
        policies.customer_type,
        levels.*
    from levels
    inner join policies
        on levels.policy_code = policies.policy_code
        and levels.policy_version = policies.policy_version

)

select * from current_levels

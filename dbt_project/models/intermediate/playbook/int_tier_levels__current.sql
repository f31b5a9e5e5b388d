with policies as (

    select * from {{ ref('int_tier_policies__live') }}

),

levels as (

    select * from {{ ref('tier_levels') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

current_levels as (

    select
        policies.customer_type,
        levels.*
    from levels
    inner join policies
        on levels.policy_code = policies.policy_code
        and levels.policy_version = policies.policy_version
    inner join parameters
        on policies.valid_from <= parameters.as_of_date
        and policies.valid_to >= parameters.as_of_date

)

select * from current_levels

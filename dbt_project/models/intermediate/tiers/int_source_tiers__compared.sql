with customers as (

    select * from {{ ref('int_customers__golden') }}

),

current_tiers as (

    select * from {{ ref('int_tiers__current') }}

),

source_tiers as (

    select * from {{ ref('source_tiers') }}

),

typed_customers as (

    select * from {{ ref('int_customers__typed') }}

),

policies as (

    select * from {{ ref('int_tier_policies__live') }}

),

levels as (

    select * from {{ ref('tier_levels') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- A grade stands for a tier, and the policy for the customer's type ranks it.
ranked_grades as (

    select
        policies.customer_type,
        source_tiers.source_tier_code,
        levels.tier_code,
        levels.tier_rank
    from source_tiers
    cross join parameters
    inner join policies
        on parameters.as_of_date >= policies.valid_from
        and parameters.as_of_date <= policies.valid_to
    inner join levels
        on policies.policy_code = levels.policy_code
        and policies.policy_version = levels.policy_version
        and source_tiers.tier_code = levels.tier_code
    where
        parameters.as_of_date >= source_tiers.valid_from
        and parameters.as_of_date <= source_tiers.valid_to

),

compared as (

    select
        customers.customer_key,
        customers.source_tier_code,
        ranked_grades.tier_code as mapped_tier_code,
        current_tiers.tier_code,
        case
            when customers.source_tier_code is null then 'no_grade'
            when ranked_grades.tier_code is null then 'unmapped'
            when current_tiers.tier_code is null then 'no_tier'
            when current_tiers.tier_rank > ranked_grades.tier_rank then 'higher'
            when current_tiers.tier_rank < ranked_grades.tier_rank then 'lower'
            else 'same'
        end as direction
    from customers
    inner join typed_customers
        on customers.customer_key = typed_customers.customer_key
    left join current_tiers
        on customers.customer_key = current_tiers.customer_key
    left join ranked_grades
        on customers.source_tier_code = ranked_grades.source_tier_code
        and typed_customers.customer_type = ranked_grades.customer_type

)

select * from compared

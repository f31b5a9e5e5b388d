with compared as (

    select * from {{ ref('int_tier_policies__compared') }}

),

golden as (

    select * from {{ ref('int_customers__golden') }}

),

tier_policy_comparison as (

    select
        compared.scenario,
        compared.customer_key,
        golden.crm_customer_id,
        golden.customer_name_masked,
        golden.owner_staff_id,
        golden.region,
        compared.policy_customer_type as customer_type,
        compared.live_tier_code,
        compared.candidate_tier_code,
        compared.direction,
        compared.live_tier_rank,
        compared.candidate_tier_rank,
        compared.rank_difference,
        compared.live_score,
        compared.candidate_score,
        compared.value_365_amount,
        compared.evaluation_date
    from compared
    inner join golden
        on compared.customer_key = golden.customer_key

)

select * from tier_policy_comparison

with policies as (

    select * from {{ ref('tier_policies') }}

),

evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

evaluated as (

    select
        evaluations.evaluation_date,
        evaluations.evaluation_number,
        policies.scenario,
        policies.customer_type,
        policies.policy_code,
        policies.policy_version,
        policies.hold_evaluations,
        policies.valid_to
    from evaluations
    inner join policies
        on evaluations.evaluation_date >= policies.valid_from
        and evaluations.evaluation_date <= policies.valid_to

)

select * from evaluated

with rules as (

    select * from {{ ref('identity_rules') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- A rule that has ended once linked: what it held together is split, not forgotten.
in_use as (

    select
        rules.*,
        case when rules.valid_to < parameters.as_of_date then rules.valid_to + 1 end as ended_on
    from rules
    cross join parameters
    where rules.valid_from <= parameters.as_of_date
    qualify
        row_number() over (
            partition by rules.rule_code order by rules.valid_from desc nulls last
        ) = 1

)

select * from in_use

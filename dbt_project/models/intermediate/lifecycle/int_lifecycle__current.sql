with staged as (

    select * from {{ ref('int_lifecycle__staged') }}

),

evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

-- State changes at month ends only; who was first seen after the last of them has no
-- other stage than the preview's.
settled_evaluations as (

    select max(evaluation_number) as evaluation_number
    from evaluations
    where not is_provisional

),

settled as (

    select staged.*
    from staged
    inner join settled_evaluations
        on staged.evaluation_number = settled_evaluations.evaluation_number

),

previewed as (

    select staged.*
    from staged
    left join settled
        on staged.customer_key = settled.customer_key
    where staged.is_provisional and settled.customer_key is null

),

newest as (

    select * from settled
    union all
    select * from previewed

),

first_of_stages as (

    select
        newest.customer_key,
        coalesce(
            max(case
                when staged.lifecycle_stage <> newest.lifecycle_stage then staged.evaluation_number
            end) + 1,
            min(staged.evaluation_number)
        ) as evaluation_number
    from newest
    inner join staged
        on newest.customer_key = staged.customer_key
        and newest.evaluation_number >= staged.evaluation_number
    group by newest.customer_key

),

current_stages as (

    select
        newest.customer_key,
        newest.evaluation_date,
        newest.evaluation_number,
        newest.is_provisional,
        newest.policy_customer_type,
        newest.lifecycle_stage,
        newest.loss_kind,
        newest.lost_on,
        newest.returned_on,
        evaluations.evaluation_date as stage_since_date
    from newest
    inner join first_of_stages
        on newest.customer_key = first_of_stages.customer_key
    inner join evaluations
        on first_of_stages.evaluation_number = evaluations.evaluation_number

)

select * from current_stages

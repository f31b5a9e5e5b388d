with evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

orders as (

    select * from {{ ref('int_orders__identified') }}

),

bounds as (

    select
        min(evaluation_date) as first_evaluation_date,
        max(evaluation_date) as last_day
    from evaluations

),

earliest as (

    select min(orders.ordered_on) as first_day
    from orders
    cross join bounds
    where orders.ordered_on <= bounds.last_day

),

-- Not after the first evaluation, which may lie before the first order, or have none at all.
span as (

    select
        least(
            coalesce(earliest.first_day, bounds.first_evaluation_date),
            bounds.first_evaluation_date
        ) as first_day,
        bounds.last_day
    from bounds
    cross join earliest

),

days as (

    {{ days_between('first_day', 'last_day', 'span') }}

),

-- What happens on a day is first seen by the evaluation at its end or the next one.
evaluated_days as (

    select
        days.date_day,
        min(evaluations.evaluation_number) as evaluation_number
    from days
    inner join evaluations
        on days.date_day <= evaluations.evaluation_date
    group by days.date_day

)

select * from evaluated_days

with evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

orders as (

    select * from {{ ref('int_orders__identified') }}

),

span as (

    select
        least(
            coalesce(min(orders.ordered_on), max(evaluations.evaluation_date)),
            max(evaluations.evaluation_date)
        ) as first_day,
        max(evaluations.evaluation_date) as last_day
    from evaluations
    left join orders
        on evaluations.evaluation_date >= orders.ordered_on
        and evaluations.is_latest

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

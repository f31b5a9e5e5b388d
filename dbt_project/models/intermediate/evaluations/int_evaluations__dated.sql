with parameters as (

    select * from {{ ref('run_parameters') }}

),

days as (

    {{ days_between('history_from', 'as_of_date', 'parameters') }}

),

-- State changes at month ends only; the run's day between two of them is a preview.
evaluation_dates as (

    select
        date_day as evaluation_date,
        false as is_provisional
    from days
    where date_day = last_day(date_day)
    union all
    select
        as_of_date as evaluation_date,
        true as is_provisional
    from parameters
    where
        as_of_date <> last_day(as_of_date)
        or coalesce(as_of_date < history_from, true)

),

evaluations as (

    select
        evaluation_date,
        row_number() over (order by evaluation_date nulls last) as evaluation_number,
        is_provisional,
        row_number() over (order by evaluation_date desc nulls last) = 1 as is_latest
    from evaluation_dates

)

select * from evaluations

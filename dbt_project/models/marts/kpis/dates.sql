with parameters as (

    select * from {{ ref('run_parameters') }}

),

orders as (

    select * from {{ ref('orders') }}

),

-- Whole years, so that a BI tool can compare a month with the same month of any year.
span as (

    select
        cast(date_trunc(
            'year', coalesce(min(orders.ordered_on), max(parameters.as_of_date))
        ) as date) as first_date,
        make_date(cast(extract(year from max(parameters.as_of_date)) as integer), 12, 31)
            as last_date
    from parameters
    left join orders
        on parameters.as_of_date >= orders.ordered_on

),

days as (

    {{ days_between('first_date', 'last_date', 'span') }}

),

dates as (

    select
        days.date_day,
        cast(date_trunc('month', days.date_day) as date) as month_date,
        cast(date_trunc('quarter', days.date_day) as date) as quarter_date,
        cast(date_trunc('week', days.date_day) as date) as week_date,
        cast(extract(year from days.date_day) as integer) as year_number,
        cast(extract(month from days.date_day) as integer) as month_number,
        {{ weekday_number('days.date_day') }} as weekday_number,
        {{ weekday_number('days.date_day') }} in (6, 7) as is_weekend,
        days.date_day = last_day(days.date_day) as is_month_end,
        days.date_day <= parameters.as_of_date as is_past
    from days
    cross join parameters

)

select * from dates

-- Nobody is greeted on a festival whose day no line tells. It only warns: there is a year
-- to add the lines in.
{{ config(severity='warn') }}

with occasions as (

    {{ valid_on_run_day(ref('care_occasions')) }}

),

festival_dates as (

    select * from {{ ref('festival_dates') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

)

select
    occasions.occasion_code,
    parameters.as_of_date
from occasions
cross join parameters
left join festival_dates
    on occasions.occasion_code = festival_dates.occasion_code
    and festival_dates.falls_on >= parameters.as_of_date
    -- A year of the lunar calendar has up to 385 days.
    and festival_dates.falls_on <= parameters.as_of_date + 400
where occasions.day_kind = 'festival'
group by occasions.occasion_code, parameters.as_of_date
having count(festival_dates.falls_on) = 0

with indicators as (

    select * from {{ ref('warning_indicators') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

in_use as (

    select indicators.*
    from indicators
    inner join parameters
        on indicators.valid_from <= parameters.as_of_date
        and indicators.valid_to >= parameters.as_of_date
    where indicators.is_active

)

select * from in_use

with attributes as (

    select * from {{ ref('identity_attributes') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

in_use as (

    select attributes.*
    from attributes
    inner join parameters
        on attributes.valid_from <= parameters.as_of_date
        and attributes.valid_to >= parameters.as_of_date

)

select * from in_use

with in_use as (

    {{ valid_on_run_day(ref('identity_attributes')) }}

)

select * from in_use

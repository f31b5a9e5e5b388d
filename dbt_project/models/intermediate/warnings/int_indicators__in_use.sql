with indicators as (

    {{ valid_on_run_day(ref('warning_indicators')) }}

),

in_use as (

    select *
    from indicators
    where is_active

)

select * from in_use

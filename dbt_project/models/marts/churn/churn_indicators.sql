with indicators as (

    select * from {{ ref('int_indicators__fired') }}

),

churn_indicators as (

    select
        customer_key,
        indicator_code,
        tier_code,
        level_fired,
        unit,
        measure_value,
        threshold,
        observed_value,
        reference_value,
        reference_unit,
        detail,
        reason_en,
        reason_zh,
        as_of_date,
        fired_since_on
    from indicators

)

select * from churn_indicators

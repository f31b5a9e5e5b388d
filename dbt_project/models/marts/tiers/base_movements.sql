with moved as (

    select * from {{ ref('int_base_customers__moved') }}

),

base_movements as (

    select
        month,
        customer_type,
        direction,
        other_stage,
        reason_code,
        count(*) as customer_count,
        cast(sum(value_365_amount) as decimal(28, 4)) as value_365_amount
    from moved
    group by month, customer_type, direction, other_stage, reason_code

)

select * from base_movements

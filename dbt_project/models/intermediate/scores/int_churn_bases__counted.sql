with eligible as (

    {{ touched_rows(ref('int_customers__eligible')) }}

),

counted as (

    select
        evaluation_date,
        count(*) as buyer_count,
        {{ days_from('min(first_purchased_on)', 'evaluation_date') }} as history_days,
        count(case
            when
                purchase_day_count >= least_purchase_days
                and {{ days_from('last_purchased_on', 'evaluation_date') }} > horizon_days
                then 1
        end) as silent_count
    from eligible
    where value_basis = 'orders' and purchase_day_count > 0
    group by evaluation_date

)

select * from counted

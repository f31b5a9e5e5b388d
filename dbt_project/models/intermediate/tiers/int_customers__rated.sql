with customers as (

    {{ touched_rows(ref('int_customers__measured')) }}

),

scores as (

    {{ touched_rows(ref('int_churn_scores__told')) }}

),

-- Of a score only what the customer is expected to bring is read.
rated as (

    select
        customers.customer_key,
        customers.evaluation_date,
        customers.evaluation_number,
        customers.is_provisional,
        customers.is_latest,
        customers.policy_customer_type,
        customers.value_365_amount,
        customers.net_revenue_90_amount,
        customers.net_revenue_180_amount,
        customers.net_revenue_365_amount,
        customers.purchase_day_90_count,
        customers.purchase_day_180_count,
        customers.purchase_day_365_count,
        customers.last_purchased_on,
        customers.customer_since,
        {{ rounded('scores.expected_value', 18, 4) }} as expected_amount
    from customers
    left join scores
        on customers.customer_key = scores.customer_key
        and customers.evaluation_date = scores.evaluation_date
    where customers.customer_since is not null

)

select * from rated

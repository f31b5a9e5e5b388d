with scores as (

    select * from {{ ref('int_churn_scores__computed') }}

),

renewals as (

    select * from {{ ref('int_renewals__scored') }}

),

told as (

    select
        customer_key,
        evaluation_date,
        churn_probability,
        alive_probability,
        no_purchase_probability,
        purchases_if_alive,
        expected_value,
        value_at_risk,
        model_version
    from scores
    where churn_probability is not null
    union all
    select
        customer_key,
        evaluation_date,
        churn_probability,
        cast(null as double) as alive_probability,
        cast(null as double) as no_purchase_probability,
        cast(null as double) as purchases_if_alive,
        expected_value,
        churn_probability * expected_value as value_at_risk,
        model_version
    from renewals

)

select * from told

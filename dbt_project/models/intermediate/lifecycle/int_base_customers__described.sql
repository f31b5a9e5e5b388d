with customers as (

    select * from {{ ref('int_base_customers__explained') }}

),

purchases as (

    select * from {{ ref('int_purchases__sequenced') }}

),

orders as (

    select * from {{ ref('int_orders__identified') }}

),

order_lines as (

    select * from {{ ref('int_order_lines__unioned') }}

),

responses as (

    select * from {{ ref('int_responses__scored') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

gaps as (

    select
        customers.customer_key,
        cast({{ days_from('purchases.previous_purchased_on', 'purchases.purchased_on') }} as bigint)
            as gap_days
    from customers
    inner join purchases
        on customers.customer_key = purchases.customer_key
        and customers.evaluation_date >= purchases.purchased_on
        and customers.evaluation_date - 365 < purchases.purchased_on
    where purchases.called_off_on is null and purchases.previous_purchased_on is not null

),

-- By whole sums, so that the order of rows says nothing.
gap_sums as (

    select
        customer_key,
        cast(count(*) as double) as gap_count,
        cast(sum(gap_days) as double) as gap_sum,
        cast(sum(gap_days * gap_days) as double) as gap_square_sum
    from gaps
    group by customer_key

),

-- Two gaps tell no spread that deserves the name.
rhythms as (

    select
        customer_key,
        gap_sum / nullif(gap_count, 0) as mean_gap_days,
        case
            when gap_count >= 3 and gap_sum > 0
                then
                    sqrt(
                        (gap_count * gap_square_sum - gap_sum * gap_sum)
                        / nullif(gap_count * (gap_count - 1), 0)
                    ) * gap_count / nullif(gap_sum, 0)
        end as gap_variation
    from gap_sums

),

bought_categories as (

    select
        customers.customer_key,
        order_lines.product_category,
        max(orders.ordered_on > customers.evaluation_date - 180) as is_recent,
        max(orders.ordered_on <= customers.evaluation_date - 180) as is_earlier
    from customers
    inner join orders
        on customers.customer_key = orders.customer_key
        and customers.evaluation_date >= orders.ordered_on
        and customers.evaluation_date - 360 < orders.ordered_on
    inner join order_lines
        on orders.source = order_lines.source
        and orders.order_id = order_lines.order_id
    where orders.counts_as_purchase and order_lines.product_category is not null
    group by customers.customer_key, order_lines.product_category

),

breadths as (

    select
        customer_key,
        count(case when is_recent then 1 end) as category_180_count,
        count(case when is_earlier then 1 end) as earlier_category_count
    from bought_categories
    group by customer_key

),

answers as (

    select
        records.customer_key,
        {{ business_day('responses.responded_at', 'parameters.business_timezone') }}
            as answered_on,
        {{ rounded('100 * responses.score_share', 18, 4) }} as score
    from responses
    inner join records
        on responses.namespace = records.namespace
        and responses.record_id = records.record_id
    cross join parameters
    where responses.score_share is not null

),

satisfactions as (

    select
        customers.customer_key,
        count(*) as answer_count,
        cast(sum(answers.score) as double) / nullif(count(*), 0) as mean_satisfaction
    from customers
    inner join answers
        on customers.customer_key = answers.customer_key
        and customers.evaluation_date >= answers.answered_on
        and customers.evaluation_date - 365 < answers.answered_on
    group by customers.customer_key

),

described as (

    select
        customers.customer_key,
        rhythms.mean_gap_days,
        rhythms.gap_variation,
        breadths.category_180_count,
        breadths.earlier_category_count,
        satisfactions.mean_satisfaction,
        coalesce(satisfactions.answer_count, 0) as answer_count
    from customers
    left join rhythms
        on customers.customer_key = rhythms.customer_key
    left join breadths
        on customers.customer_key = breadths.customer_key
    left join satisfactions
        on customers.customer_key = satisfactions.customer_key

)

select * from described

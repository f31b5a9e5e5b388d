-- A mart joins facts to seeds and to customers; none may fall out on the way, say for a
-- status that the labels know and order_statuses does not.
with counted as (

    select
        'orders' as mart,
        (select count(*) from {{ ref('int_orders__unioned') }}) as fact_count,
        (select count(*) from {{ ref('orders') }}) as row_count
    union all
    select
        'interactions' as mart,
        (select count(*) from {{ ref('int_interactions__in_force') }}) as fact_count,
        (select count(*) from {{ ref('interactions') }}) as row_count
    union all
    select
        'service_tickets' as mart,
        (select count(*) from {{ ref('int_tickets__in_force') }}) as fact_count,
        (select count(*) from {{ ref('service_tickets') }}) as row_count
    union all
    select
        'survey_responses' as mart,
        (select count(*) from {{ ref('int_responses__in_force') }}) as fact_count,
        (select count(*) from {{ ref('survey_responses') }}) as row_count
    union all
    select
        'customers' as mart,
        (select count(distinct customer_key) from {{ ref('int_records__resolved') }}) as fact_count,
        (select count(*) from {{ ref('customers') }}) as row_count

)

select * from counted
where fact_count <> row_count

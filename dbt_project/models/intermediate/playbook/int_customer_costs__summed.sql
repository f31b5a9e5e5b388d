with customers as (

    select * from {{ ref('int_customers__golden') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

benefits as (

    select * from {{ ref('int_benefits__in_force') }}

),

touches as (

    select * from {{ ref('int_touches__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- A benefit takes from the budget when it is granted, used or not.
granted_or_sent as (

    select
        source_customer_id,
        cost,
        granted_at as spent_at
    from benefits
    union all
    select
        source_customer_id,
        cost,
        sent_at as spent_at
    from touches
    where arm = 'treated'

),

of_this_year as (

    select granted_or_sent.*
    from granted_or_sent
    cross join parameters
    where
        {{ business_day('granted_or_sent.spent_at', 'parameters.business_timezone') }}
        >= cast(date_trunc('year', parameters.as_of_date) as date)

),

costs_by_customer as (

    select
        records.customer_key,
        sum(of_this_year.cost) as spent_amount,
        count(*) - count(of_this_year.cost) as unpriced_count
    from of_this_year
    inner join records
        on records.namespace = 'crm'
        and of_this_year.source_customer_id = records.record_id
    group by records.customer_key

),

-- Before anything of the year is known, nobody can be said to have cost nothing.
knowledge as (

    select count(*) > 0 as is_known
    from of_this_year

),

summed as (

    select
        customers.customer_key,
        cast(case
            when knowledge.is_known then coalesce(costs_by_customer.spent_amount, 0)
        end as decimal(18, 4)) as spent_amount,
        coalesce(costs_by_customer.unpriced_count, 0) as unpriced_count
    from customers
    cross join knowledge
    left join costs_by_customer
        on customers.customer_key = costs_by_customer.customer_key

)

select * from summed

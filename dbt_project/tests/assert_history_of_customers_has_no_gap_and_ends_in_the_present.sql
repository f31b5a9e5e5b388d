-- Periods of a customer follow one upon another, from when they were first seen until now,
-- and the last says what the customers mart says.
with history as (

    select * from {{ ref('customers_history') }}

),

customers as (

    select * from {{ ref('customers') }}

),

followed as (

    select
        *,
        lead(valid_from) over (
            partition by customer_key order by valid_from nulls last
        ) as next_from
    from history

),

parted as (

    select customer_key
    from followed
    where valid_to is distinct from next_from

),

begun as (

    select
        customer_key,
        min(valid_from) as first_from
    from history
    group by customer_key

),

misplaced as (

    select customers.customer_key
    from customers
    left join begun
        on customers.customer_key = begun.customer_key
    left join history
        on customers.customer_key = history.customer_key
        and history.is_current
    where
        begun.first_from is distinct from customers.first_seen_at
        or history.customer_key is null
        or history.customer_name_masked is distinct from customers.customer_name_masked
        or history.customer_type is distinct from customers.customer_type
        or history.region is distinct from customers.region
        or history.province is distinct from customers.province
        or history.city is distinct from customers.city
        or history.industry is distinct from customers.industry
        or history.company_size is distinct from customers.company_size
        or history.acquisition_channel is distinct from customers.acquisition_channel
        or history.owner_staff_id is distinct from customers.owner_staff_id
        or history.source_tier_code is distinct from customers.source_tier_code
        or history.status is distinct from customers.status
        or history.has_marketing_consent is distinct from customers.has_marketing_consent
        or history.terminated_at is distinct from customers.terminated_at

)

select customer_key from parted
union all
select customer_key from misplaced

with customers as (

    select * from {{ ref('int_customers__golden') }}

),

touches as (

    select * from {{ ref('int_touches__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

unsubscribed_customers as (

    select distinct records.customer_key
    from touches
    inner join records
        on records.namespace = 'crm'
        and touches.source_customer_id = records.record_id
    where touches.unsubscribed_at is not null

),

-- Consent may be older than the wish to hear no more.
told as (

    select
        customers.customer_key,
        case
            when unsubscribed_customers.customer_key is not null then 'refused'
            when customers.marketing_consent then 'given'
            when not customers.marketing_consent then 'refused'
            else 'unknown'
        end as marketing_permission
    from customers
    left join unsubscribed_customers
        on customers.customer_key = unsubscribed_customers.customer_key

)

select * from told

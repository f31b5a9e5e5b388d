with customers as (

    select * from {{ ref('int_customers__golden') }}

),

identifiers as (

    select * from {{ ref('int_identifiers__normalised') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

known as (

    select
        customer_key,
        'email' as channel
    from customers
    where email is not null
    union all
    select
        customer_key,
        'phone' as channel
    from customers
    where phone is not null
    union all
    select
        customer_key,
        'sms' as channel
    from customers
    where phone is not null
    union all
    select distinct
        records.customer_key,
        'wechat' as channel
    from identifiers
    inner join records
        on identifiers.namespace = records.namespace
        and identifiers.record_id = records.record_id
    where
        identifiers.attribute = 'wechat_union_id'
        and identifiers.is_current
        and records.customer_key is not null

)

select * from known

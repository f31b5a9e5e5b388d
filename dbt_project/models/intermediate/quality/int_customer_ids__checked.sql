with crm_customers as (

    select * from {{ ref('stg_crm__customers_versions') }}

),

named as (

    select * from {{ ref('int_customer_ids__counted') }}

),

known as (

    select
        'crm' as namespace,
        source_customer_id
    from crm_customers
    where row_fate = 'staged'
    union
    select
        'shop' as namespace,
        id_in_shop as source_customer_id
    from crm_customers
    where row_fate = 'staged' and id_in_shop is not null

),

checked as (

    select
        named.source,
        named.feed,
        named.told_at,
        sum(named.row_count) as checked_count,
        sum(case when known.source_customer_id is null then named.row_count else 0 end)
            as failed_count
    from named
    left join known
        on named.namespace = known.namespace
        and named.source_customer_id = known.source_customer_id
    group by named.source, named.feed, named.told_at

)

select * from checked

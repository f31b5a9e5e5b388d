with compared as (

    select * from {{ ref('int_source_tiers__compared') }}

),

measures as (

    select * from {{ ref('int_customers__measured') }}

),

summed as (

    select
        coalesce(compared.source_tier_code, 'none') as source_tier_code,
        coalesce(compared.tier_code, 'none') as tier_code,
        compared.direction,
        max(compared.mapped_tier_code) as mapped_tier_code,
        count(*) as customer_count,
        cast(sum(measures.value_365_amount) as decimal(28, 4)) as value_365_amount
    from compared
    left join measures
        on compared.customer_key = measures.customer_key
        and measures.is_latest
    group by
        coalesce(compared.source_tier_code, 'none'),
        coalesce(compared.tier_code, 'none'),
        compared.direction

),

source_tier_reconciliation as (

    select
        source_tier_code,
        tier_code,
        direction,
        mapped_tier_code,
        mapped_tier_code is not null as is_mapped,
        customer_count,
        cast(sum(customer_count) over (partition by source_tier_code) as bigint)
            as grade_customer_count,
        cast(customer_count as double)
        / nullif(sum(customer_count) over (partition by source_tier_code), 0) as customer_share,
        value_365_amount
    from summed

)

select * from source_tier_reconciliation

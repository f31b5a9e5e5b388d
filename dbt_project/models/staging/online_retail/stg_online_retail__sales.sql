with versions as (

    select * from {{ ref('stg_online_retail__sales_versions') }}

),

renamed as (

    select
        invoiceno as order_id,
        stockcode as product_id,
        cast(customerid as string) as source_customer_id,
        description as product_name,
        country as region,
        'GBP' as currency,
        quantity,
        unitprice as unit_price,
        cast(quantity * unitprice as decimal(18, 4)) as line_amount,
        invoicedate as ordered_at,
        record_key,
        record_hash,
        has_other_versions,
        event_at,
        version_at
    from versions
    where failures is null and row_fate in ('staged', 'superseded')

)

select * from renamed

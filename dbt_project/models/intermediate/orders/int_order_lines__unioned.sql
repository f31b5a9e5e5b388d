with shop_lines as (

    select * from {{ ref('int_shop_order_lines__in_force') }}

),

online_retail_sales as (

    select * from {{ ref('int_online_retail_sales__in_force') }}

),

-- The wholesaler numbers no lines: they are numbered by what stands in them.
numbered_sales as (

    select
        *,
        row_number() over (
            partition by order_id order by product_id nulls last, record_key nulls last
        ) as line_number
    from online_retail_sales

),

order_lines as (

    select
        'shop' as source,
        order_id,
        line_number,
        product_id,
        product_name,
        product_category,
        quantity,
        coalesce(returned_quantity, cast(0 as decimal(18, 4))) as returned_quantity,
        unit_price,
        line_amount,
        returned_at
    from shop_lines
    union all
    select
        'online_retail' as source,
        order_id,
        line_number,
        product_id,
        product_name,
        cast(null as string) as product_category,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(0 as decimal(18, 4)) as returned_quantity,
        unit_price,
        line_amount,
        cast(null as timestamp) as returned_at
    from numbered_sales

)

select * from order_lines

with collected as (

    select * from {{ ref('int_customer_tags__collected') }}

),

labels as (

    select * from {{ ref('labels') }}

),

customer_tags as (

    select
        collected.customer_key,
        collected.tag_code,
        collected.tag_group,
        collected.tag_value,
        collected.group_en,
        collected.group_zh,
        coalesce(labels.label_en, collected.tag_value) as tag_en,
        coalesce(labels.label_zh, collected.tag_value) as tag_zh,
        collected.sort_order,
        collected.since_date
    from collected
    left join labels
        on collected.label_list = labels.list_code
        and collected.tag_value = labels.code

)

select * from customer_tags

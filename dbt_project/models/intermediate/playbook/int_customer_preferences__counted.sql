with orders as (

    select * from {{ ref('int_orders__identified') }}

),

order_lines as (

    select * from {{ ref('int_order_lines__unioned') }}

),

groups_of_tags as (

    select * from {{ ref('tag_groups') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

groups_in_use as (

    select
        groups_of_tags.tag_group,
        groups_of_tags.window_days,
        groups_of_tags.least_count,
        groups_of_tags.least_share,
        parameters.as_of_date
    from groups_of_tags
    inner join parameters
        on groups_of_tags.valid_from <= parameters.as_of_date
        and groups_of_tags.valid_to >= parameters.as_of_date
    where groups_of_tags.is_active and groups_of_tags.window_days is not null

),

purchases as (

    select
        orders.order_key,
        orders.source,
        orders.order_id,
        orders.customer_key,
        orders.sales_channel,
        orders.ordered_on,
        groups_in_use.tag_group
    from orders
    inner join groups_in_use
        on orders.ordered_on > groups_in_use.as_of_date - groups_in_use.window_days
        and orders.ordered_on <= groups_in_use.as_of_date
    where orders.customer_key is not null and orders.counts_as_purchase

),

purchase_counts as (

    select
        customer_key,
        tag_group,
        count(*) as purchase_count
    from purchases
    group by customer_key, tag_group

),

-- A purchase counts once for each category in it, however many lines that has.
choices as (

    select distinct
        purchases.customer_key,
        purchases.tag_group,
        purchases.order_key,
        purchases.ordered_on,
        order_lines.product_category as choice
    from purchases
    inner join order_lines
        on purchases.source = order_lines.source
        and purchases.order_id = order_lines.order_id
    where
        purchases.tag_group = 'preferred_category'
        and order_lines.product_category is not null
    union all
    select
        customer_key,
        tag_group,
        order_key,
        ordered_on,
        sales_channel as choice
    from purchases
    where tag_group = 'preferred_channel' and sales_channel is not null

),

choice_counts as (

    select
        customer_key,
        tag_group,
        choice,
        count(*) as choice_count,
        max(ordered_on) as last_chosen_on
    from choices
    group by customer_key, tag_group, choice

),

-- Of two that are chosen as often the newer one counts.
counted as (

    select
        choice_counts.customer_key,
        choice_counts.tag_group,
        choice_counts.choice,
        choice_counts.choice_count,
        purchase_counts.purchase_count
    from choice_counts
    inner join purchase_counts
        on choice_counts.customer_key = purchase_counts.customer_key
        and choice_counts.tag_group = purchase_counts.tag_group
    inner join groups_in_use
        on choice_counts.tag_group = groups_in_use.tag_group
        and choice_counts.choice_count >= groups_in_use.least_count
        and choice_counts.choice_count
        >= groups_in_use.least_share * purchase_counts.purchase_count
    qualify
        row_number() over (
            partition by choice_counts.customer_key, choice_counts.tag_group
            order by
                choice_counts.choice_count desc nulls last,
                choice_counts.last_chosen_on desc nulls last,
                choice_counts.choice asc nulls last
        ) = 1

)

select * from counted

with customers as (

    select * from {{ ref('int_customers__watched') }}

),

indicators as (

    select * from {{ ref('int_indicators__in_use') }}

),

purchases as (

    select * from {{ ref('int_purchases__sequenced') }}

),

movements as (

    select * from {{ ref('int_revenue__movements') }}

),

activity as (

    select * from {{ ref('int_activity__in_force') }}

),

crm_customers as (

    select * from {{ ref('int_customers__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

feeds as (

    select * from {{ ref('feeds') }}

),

eligible as (

    select * from customers
    where is_eligible

),

overdue as (

    select
        eligible.customer_key,
        indicators.indicator_code,
        cast({{ days_from('eligible.last_purchased_on', 'eligible.as_of_date') }} as double)
            as observed_value,
        cast({{ days_from('eligible.first_purchased_on', 'eligible.last_purchased_on') }} as double)
        / nullif(eligible.purchase_day_count - 1, 0) as reference_value,
        -- Who buys every other day is not overdue after a week.
        greatest(
            cast({{ days_from(
                'eligible.first_purchased_on', 'eligible.last_purchased_on'
            ) }} as double)
            / nullif(eligible.purchase_day_count - 1, 0),
            cast(indicators.least_reference as double)
        ) as days_per_unit,
        eligible.last_purchased_on as counted_from_on
    from eligible
    inner join indicators
        on indicators.indicator_code = 'overdue'
        and eligible.purchase_day_count >= indicators.least_count
    where eligible.value_basis = 'orders'

),

purchase_days as (

    select
        purchases.customer_key,
        indicators.indicator_code,
        count(case
            when purchases.purchased_on > eligible.as_of_date - indicators.window_days then 1
        end) as recent_count,
        count(case
            when purchases.purchased_on <= eligible.as_of_date - indicators.window_days then 1
        end) as earlier_count
    from purchases
    inner join eligible
        on purchases.customer_key = eligible.customer_key
    inner join indicators
        on indicators.indicator_code in ('spend_down', 'frequency_down')
        and purchases.purchased_on > eligible.as_of_date - 2 * indicators.window_days
        and purchases.purchased_on <= eligible.as_of_date
    where purchases.called_off_on is null and eligible.value_basis = 'orders'
    group by purchases.customer_key, indicators.indicator_code

),

frequency_down as (

    select
        purchase_days.customer_key,
        indicators.indicator_code,
        cast(purchase_days.recent_count as double) as observed_value,
        cast(purchase_days.earlier_count as double) as reference_value
    from purchase_days
    inner join indicators
        on purchase_days.indicator_code = indicators.indicator_code
        and purchase_days.earlier_count >= indicators.least_count
    where indicators.indicator_code = 'frequency_down'

),

revenues as (

    select
        movements.customer_key,
        indicators.indicator_code,
        sum(case
            when movements.moved_on > eligible.as_of_date - indicators.window_days
                then movements.amount
            else 0
        end) as recent_amount,
        sum(case
            when movements.moved_on <= eligible.as_of_date - indicators.window_days
                then movements.amount
            else 0
        end) as earlier_amount
    from movements
    inner join eligible
        on movements.customer_key = eligible.customer_key
    inner join indicators
        on indicators.indicator_code = 'spend_down'
        and movements.moved_on > eligible.as_of_date - 2 * indicators.window_days
        and movements.moved_on <= eligible.as_of_date
    where eligible.value_basis = 'orders'
    group by movements.customer_key, indicators.indicator_code

),

spend_down as (

    select
        revenues.customer_key,
        revenues.indicator_code,
        -- A refund of an earlier purchase is no spend below nothing.
        cast(greatest(revenues.recent_amount, 0) as double) as observed_value,
        cast(revenues.earlier_amount as double) as reference_value
    from revenues
    inner join indicators
        on revenues.indicator_code = indicators.indicator_code
        and revenues.earlier_amount >= indicators.least_reference
    inner join purchase_days
        on revenues.customer_key = purchase_days.customer_key
        and revenues.indicator_code = purchase_days.indicator_code
        and indicators.least_count <= purchase_days.earlier_count

),

-- The number in the shop that a CRM record names is that customer's, with orders or not.
shop_records as (

    select
        record_id,
        customer_key
    from records
    where namespace = 'shop'
    union
    select
        crm_customers.id_in_shop as record_id,
        records.customer_key
    from crm_customers
    inner join records
        on records.namespace = 'crm'
        and crm_customers.source_customer_id = records.record_id
    where crm_customers.id_in_shop is not null

),

-- A feed that is late tells of no visits, which is not the same as none.
activity_ages as (

    select max(activity_date) as newest_on
    from activity

),

visits as (

    select
        eligible.customer_key,
        indicators.indicator_code,
        indicators.least_count,
        sum(case
            when activity.activity_date > activity_ages.newest_on - indicators.window_days
                then activity.sessions
            else 0
        end) as recent_count,
        sum(case
            when activity.activity_date <= activity_ages.newest_on - indicators.window_days
                then activity.sessions
            else 0
        end) as earlier_count
    from activity
    cross join activity_ages
    inner join shop_records
        on activity.source_customer_id = shop_records.record_id
    inner join eligible
        on shop_records.customer_key = eligible.customer_key
    inner join indicators
        on indicators.indicator_code = 'activity_down'
        -- Three windows before the last one tell what is usual.
        and activity.activity_date > activity_ages.newest_on - 4 * indicators.window_days
    inner join feeds
        on feeds.source = 'shop'
        and feeds.feed = 'activity'
        and coalesce(
            feeds.max_age_days >= {{ days_from('activity_ages.newest_on', 'eligible.as_of_date') }},
            true
        )
    group by eligible.customer_key, indicators.indicator_code, indicators.least_count

),

activity_down as (

    select
        customer_key,
        indicator_code,
        cast(recent_count as double) as observed_value,
        cast(earlier_count as double) / 3 as reference_value
    from visits
    where cast(earlier_count as double) / 3 >= least_count

),

falls as (

    select * from spend_down
    union all
    select * from frequency_down
    union all
    select * from activity_down

),

habits as (

    select
        customer_key,
        indicator_code,
        observed_value / nullif(days_per_unit, 0) as measure_value,
        observed_value,
        reference_value,
        cast(null as string) as detail,
        days_per_unit,
        counted_from_on
    from overdue
    union all
    select
        customer_key,
        indicator_code,
        1 - observed_value / nullif(reference_value, 0) as measure_value,
        observed_value,
        reference_value,
        cast(null as string) as detail,
        cast(null as double) as days_per_unit,
        cast(null as date) as counted_from_on
    from falls

)

select * from habits

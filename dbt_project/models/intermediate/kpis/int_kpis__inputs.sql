-- What counts for a KPI, and as how much, is decided here; the mart only adds up.
-- Decimals throughout: a sum of doubles would depend on the order of its rows.
with orders as (

    select * from {{ ref('int_orders__identified') }}

),

movements as (

    select * from {{ ref('int_revenue__movements') }}

),

responses as (

    select * from {{ ref('int_responses__scored') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

survey_types as (

    select * from {{ ref('survey_types') }}

),

row_fates as (

    select * from {{ ref('int_rows__fates') }}

),

customer_kpis as (

    select * from {{ ref('int_customer_kpis__counted') }}

),

service_kpis as (

    select * from {{ ref('int_service_kpis__counted') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

revenue_by_customer as (

    select
        cast(date_trunc('month', movements.moved_on) as date) as month_date,
        orders.customer_key,
        cast(sum(movements.amount) as decimal(18, 4)) as amount,
        count(*) as movement_count
    from movements
    inner join orders
        on movements.order_key = orders.order_key
    where movements.amount is not null
    group by cast(date_trunc('month', movements.moved_on) as date), orders.customer_key

),

purchases as (

    select
        customer_key,
        ordered_on,
        cast(date_trunc('month', ordered_on) as date) as month_date
    from orders
    where counts_as_purchase and customer_key is not null

),

first_purchases as (

    select
        customer_key,
        min(ordered_on) as first_ordered_on
    from purchases
    group by customer_key

),

active_customers as (

    select
        purchases.month_date,
        purchases.customer_key,
        max(purchases.ordered_on) > min(first_purchases.first_ordered_on) as has_bought_before
    from purchases
    inner join first_purchases
        on purchases.customer_key = first_purchases.customer_key
    group by purchases.month_date, purchases.customer_key

),

-- Who bought in a currency without a rate is active, but nobody knows for how much.
active_with_revenue as (

    select active_customers.*
    from active_customers
    inner join revenue_by_customer
        on active_customers.month_date = revenue_by_customer.month_date
        and active_customers.customer_key = revenue_by_customer.customer_key

),

answers as (

    select
        survey_types.kpi_code,
        cast(date_trunc(
            'month',
            {{ business_day('responses.responded_at', 'parameters.business_timezone') }}
        ) as date) as month_date,
        records.customer_key,
        responses.sentiment
    from responses
    inner join survey_types
        on responses.survey_type = survey_types.survey_type
    left join records
        on records.namespace = 'crm'
        and responses.source_customer_id = records.record_id
    cross join parameters
    where survey_types.kpi_code is not null and responses.sentiment is not null

),

-- What the nights themselves write was delivered by nobody.
delivered_rows as (

    select
        row_fate,
        count(*) as row_count
    from row_fates
    where source is distinct from 'tierkeeper'
    group by row_fate

),

-- Squares are for the interval of a mean score; nothing else has one.
counted_things as (

    select
        'revenue' as kpi_code,
        month_date,
        customer_key,
        month_date as tier_date,
        amount as numerator,
        cast(null as decimal(18, 4)) as denominator,
        cast(null as decimal(18, 4)) as squared_numerator,
        cast(movement_count as decimal(18, 4)) as observation_count
    from revenue_by_customer
    union all
    select
        'active_customers' as kpi_code,
        month_date,
        customer_key,
        month_date as tier_date,
        cast(1 as decimal(18, 4)) as numerator,
        cast(null as decimal(18, 4)) as denominator,
        cast(null as decimal(18, 4)) as squared_numerator,
        cast(1 as decimal(18, 4)) as observation_count
    from active_customers
    union all
    select
        'revenue_per_customer' as kpi_code,
        month_date,
        customer_key,
        month_date as tier_date,
        amount as numerator,
        cast(0 as decimal(18, 4)) as denominator,
        cast(null as decimal(18, 4)) as squared_numerator,
        cast(0 as decimal(18, 4)) as observation_count
    from revenue_by_customer
    where customer_key is not null
    union all
    select
        'revenue_per_customer' as kpi_code,
        month_date,
        customer_key,
        month_date as tier_date,
        cast(0 as decimal(18, 4)) as numerator,
        cast(1 as decimal(18, 4)) as denominator,
        cast(null as decimal(18, 4)) as squared_numerator,
        cast(1 as decimal(18, 4)) as observation_count
    from active_with_revenue
    union all
    select
        'repeat_purchase_rate' as kpi_code,
        month_date,
        customer_key,
        month_date as tier_date,
        cast(case when has_bought_before then 1 else 0 end as decimal(18, 4)) as numerator,
        cast(1 as decimal(18, 4)) as denominator,
        cast(null as decimal(18, 4)) as squared_numerator,
        cast(1 as decimal(18, 4)) as observation_count
    from active_customers
    union all
    select
        kpi_code,
        month_date,
        customer_key,
        month_date as tier_date,
        cast(case
            when sentiment = 'positive' then 1
            when sentiment = 'negative' and kpi_code = 'nps' then -1
            else 0
        end as decimal(18, 4)) as numerator,
        cast(1 as decimal(18, 4)) as denominator,
        cast(case
            when sentiment = 'positive' or (sentiment = 'negative' and kpi_code = 'nps') then 1
            else 0
        end as decimal(18, 4)) as squared_numerator,
        cast(1 as decimal(18, 4)) as observation_count
    from answers
    union all
    -- Fates know no day: the rows delivered so far are those of the run's month.
    select
        'quarantined_row_share' as kpi_code,
        cast(date_trunc('month', parameters.as_of_date) as date) as month_date,
        cast(null as varchar) as customer_key,
        cast(null as date) as tier_date,
        cast(case
            when delivered_rows.row_fate = 'quarantined' then delivered_rows.row_count
            else 0
        end as decimal(18, 4)) as numerator,
        cast(delivered_rows.row_count as decimal(18, 4)) as denominator,
        cast(null as decimal(18, 4)) as squared_numerator,
        cast(delivered_rows.row_count as decimal(18, 4)) as observation_count
    from delivered_rows
    cross join parameters
    union all
    select
        kpi_code,
        month_date,
        customer_key,
        tier_date,
        cast(case when is_counted then 1 else 0 end as decimal(18, 4)) as numerator,
        cast(1 as decimal(18, 4)) as denominator,
        cast(null as decimal(18, 4)) as squared_numerator,
        cast(1 as decimal(18, 4)) as observation_count
    from customer_kpis
    union all
    select
        kpi_code,
        month_date,
        customer_key,
        month_date as tier_date,
        cast(kept_count as decimal(18, 4)) as numerator,
        cast(promise_count as decimal(18, 4)) as denominator,
        cast(null as decimal(18, 4)) as squared_numerator,
        cast(promise_count as decimal(18, 4)) as observation_count
    from service_kpis

),

totals as (

    select
        kpi_code,
        month_date,
        customer_key,
        tier_date,
        cast(sum(numerator) as decimal(28, 4)) as numerator,
        cast(sum(denominator) as decimal(28, 4)) as denominator,
        cast(sum(squared_numerator) as decimal(28, 4)) as squared_numerator,
        cast(sum(observation_count) as decimal(28, 4)) as observation_count
    from counted_things
    group by kpi_code, month_date, customer_key, tier_date

),

-- The tier at the beginning of what is watched: who falls is still among those fallen from.
inputs as (

    select
        totals.kpi_code,
        totals.month_date,
        totals.customer_key,
        tiers.tier_code,
        totals.numerator,
        totals.denominator,
        totals.squared_numerator,
        totals.observation_count
    from totals
    left join tiers
        on totals.customer_key = tiers.customer_key
        and totals.tier_date >= tiers.valid_from
        and coalesce(totals.tier_date <= tiers.valid_to, true)

)

select * from inputs

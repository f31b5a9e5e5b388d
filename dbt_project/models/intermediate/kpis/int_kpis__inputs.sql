-- What counts for a KPI, and as how much, is decided here; the mart only adds up. Summed
-- by all that a KPI is cut by, and the tier is that at the beginning of what it watches:
-- who falls is still among those fallen from.
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

order_kpis as (

    select * from {{ ref('int_order_kpis__counted') }}

),

service_kpis as (

    select * from {{ ref('int_service_kpis__counted') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

things_by_day as (

    select
        customer_key,
        moved_on as happened_on,
        amount,
        1 as movement_count,
        cast(null as date) as ordered_on
    from movements
    where amount is not null
    union all
    select
        customer_key,
        ordered_on as happened_on,
        cast(null as decimal(18, 4)) as amount,
        0 as movement_count,
        ordered_on
    from orders
    where counts_as_purchase and customer_key is not null

),

customer_months as (

    select
        customer_key,
        cast(date_trunc('month', happened_on) as date) as month_date,
        cast(sum(amount) as decimal(28, 4)) as amount,
        sum(movement_count) as movement_count,
        min(ordered_on) as first_ordered_on,
        max(ordered_on) as last_ordered_on
    from things_by_day
    group by customer_key, cast(date_trunc('month', happened_on) as date)

),

first_purchases as (

    select
        customer_key,
        min(first_ordered_on) as first_ordered_on
    from customer_months
    where customer_key is not null
    group by customer_key

),

-- Who bought in a currency without a rate is active, but nobody knows for how much.
months_by_group as (

    select
        months.month_date,
        months.customer_key is not null as is_of_customer,
        customers.customer_type,
        customers.region,
        tiers.tier_code,
        cast(sum(months.amount) as decimal(28, 4)) as amount,
        cast(sum(months.movement_count) as bigint) as movement_count,
        count(months.last_ordered_on) as active_count,
        count(case when months.movement_count > 0 then months.last_ordered_on end)
            as active_with_revenue_count,
        count(case when months.last_ordered_on > first_purchases.first_ordered_on then 1 end)
            as repeat_count
    from customer_months as months
    left join first_purchases
        on months.customer_key = first_purchases.customer_key
    left join customers
        on months.customer_key = customers.customer_key
    left join tiers
        on months.customer_key = tiers.customer_key
        and months.month_date >= tiers.valid_from
        and months.month_date <= {{ or_forever('tiers.valid_to') }}
    group by
        months.month_date,
        months.customer_key is not null,
        customers.customer_type,
        customers.region,
        tiers.tier_code

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
        on responses.namespace = records.namespace
        and responses.record_id = records.record_id
    cross join parameters
    where survey_types.kpi_code is not null and responses.sentiment is not null

),

-- What the nights themselves write was delivered by nobody, and however often a row came,
-- it is one.
delivered_rows as (

    select
        count(case when row_fate = 'quarantined' then 1 end) as quarantined_row_count,
        count(*) as row_count
    from row_fates
    where
        source is distinct from 'tierkeeper'
        and row_fate <> 'duplicate'

),

-- What was answered, promised and kept, still by customer.
things_of_customers as (

    select
        kpi_code,
        month_date,
        customer_key,
        case
            when sentiment = 'positive' then 1
            when sentiment = 'negative' and kpi_code = 'nps' then -1
            else 0
        end as numerator,
        1 as denominator,
        case
            when sentiment = 'positive' or (sentiment = 'negative' and kpi_code = 'nps') then 1
            else 0
        end as squared_numerator
    from answers
    union all
    select
        kpi_code,
        month_date,
        customer_key,
        kept_count as numerator,
        promise_count as denominator,
        cast(null as integer) as squared_numerator
    from service_kpis

),

things_by_group as (

    select
        things.kpi_code,
        things.month_date,
        things.customer_key is not null as is_of_customer,
        customers.customer_type,
        customers.region,
        tiers.tier_code,
        cast(sum(things.numerator) as bigint) as numerator,
        cast(sum(things.denominator) as bigint) as denominator,
        cast(sum(things.squared_numerator) as bigint) as squared_numerator
    from things_of_customers as things
    left join customers
        on things.customer_key = customers.customer_key
    left join tiers
        on things.customer_key = tiers.customer_key
        and things.month_date >= tiers.valid_from
        and things.month_date <= {{ or_forever('tiers.valid_to') }}
    group by
        things.kpi_code,
        things.month_date,
        things.customer_key is not null,
        customers.customer_type,
        customers.region,
        tiers.tier_code

),

-- Squares are for the interval of a mean score; nothing else has one.
counted_things as (

    select
        'revenue' as kpi_code,
        month_date,
        is_of_customer,
        customer_type,
        region,
        tier_code,
        amount as numerator,
        null as denominator,
        null as squared_numerator,
        movement_count as observation_count
    from months_by_group
    where movement_count > 0
    union all
    select
        'active_customers' as kpi_code,
        month_date,
        is_of_customer,
        customer_type,
        region,
        tier_code,
        active_count as numerator,
        null as denominator,
        null as squared_numerator,
        active_count as observation_count
    from months_by_group
    where active_count > 0
    union all
    select
        'revenue_per_customer' as kpi_code,
        month_date,
        is_of_customer,
        customer_type,
        region,
        tier_code,
        amount as numerator,
        active_with_revenue_count as denominator,
        null as squared_numerator,
        active_with_revenue_count as observation_count
    from months_by_group
    where movement_count > 0 and is_of_customer
    union all
    select
        'repeat_purchase_rate' as kpi_code,
        month_date,
        is_of_customer,
        customer_type,
        region,
        tier_code,
        repeat_count as numerator,
        active_count as denominator,
        null as squared_numerator,
        active_count as observation_count
    from months_by_group
    where active_count > 0
    union all
    select
        kpi_code,
        month_date,
        is_of_customer,
        customer_type,
        region,
        tier_code,
        numerator,
        denominator,
        squared_numerator,
        denominator as observation_count
    from things_by_group
    union all
    -- Fates know no day: the rows delivered so far are those of the run's month.
    select
        'quarantined_row_share' as kpi_code,
        cast(date_trunc('month', parameters.as_of_date) as date) as month_date,
        false as is_of_customer,
        cast(null as string) as customer_type,
        cast(null as string) as region,
        cast(null as string) as tier_code,
        delivered_rows.quarantined_row_count as numerator,
        delivered_rows.row_count as denominator,
        null as squared_numerator,
        delivered_rows.row_count as observation_count
    from delivered_rows
    cross join parameters
    where delivered_rows.row_count > 0
    union all
    select
        kpi_code,
        month_date,
        true as is_of_customer,
        customer_type,
        region,
        tier_code,
        counted_count as numerator,
        watched_count as denominator,
        null as squared_numerator,
        watched_count as observation_count
    from customer_kpis

),

-- Orders are cut by where they came from, all else by whose it is.
all_things as (

    select
        *,
        cast(null as string) as sales_channel
    from counted_things
    union all
    select
        kpi_code,
        month_date,
        false as is_of_customer,
        cast(null as string) as customer_type,
        cast(null as string) as region,
        cast(null as string) as tier_code,
        identified_amount as numerator,
        total_amount as denominator,
        null as squared_numerator,
        observation_count,
        sales_channel
    from order_kpis

),

inputs as (

    select
        kpi_code,
        month_date,
        is_of_customer,
        customer_type,
        region,
        tier_code,
        sales_channel,
        cast(numerator as decimal(28, 4)) as numerator,
        cast(denominator as decimal(28, 4)) as denominator,
        cast(squared_numerator as decimal(28, 4)) as squared_numerator,
        cast(observation_count as decimal(28, 4)) as observation_count
    from all_things

)

select * from inputs

with criteria as (

    select * from {{ ref('tier_criteria') }}

),

measures as (

    select * from {{ ref('tier_measures') }}

),

orders as (

    select * from {{ ref('int_orders__identified') }}

),

purchases as (

    select * from {{ ref('int_purchases__sequenced') }}

),

activity as (

    select * from {{ ref('int_activity__in_force') }}

),

responses as (

    select * from {{ ref('int_responses__scored') }}

),

invoices as (

    select * from {{ ref('int_invoices__in_force') }}

),

tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

crm_measures as (

    select * from {{ ref('int_measures__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- What no policy asks for is not looked up.
measures_in_use as (

    select distinct
        criteria.measure,
        criteria.measure_code
    from criteria
    inner join measures
        on criteria.measure = measures.measure
    where measures.is_counted

),

-- An order without a cost has no margin: to count it at its price would be worse.
costed_orders as (

    select orders.*
    from orders
    inner join measures_in_use
        on measures_in_use.measure = 'margin'
    where orders.cost_amount is not null and orders.customer_key is not null

),

margins as (

    select
        customer_key,
        ordered_on as happened_on,
        gross_amount - discount_amount - cost_amount as amount
    from costed_orders
    union all
    select
        customer_key,
        refunded_on as happened_on,
        -refunded_amount as amount
    from costed_orders
    where refunded_amount <> 0
    union all
    -- What is called off costs nothing in the end.
    select
        customer_key,
        cancelled_on as happened_on,
        cost_amount - cancelled_amount as amount
    from costed_orders
    where status = 'cancelled'

),

month_purchases as (

    select
        purchases.customer_key,
        purchases.purchased_on,
        purchases.called_off_on,
        cast(date_trunc('month', purchases.purchased_on) as date) as month
    from purchases
    inner join measures_in_use
        on measures_in_use.measure = 'active_months'

),

-- A month is told by its newest purchase: each takes the place of the one before.
standing_months as (

    select
        customer_key,
        month,
        purchased_on as happened_on,
        lead(purchased_on) over (
            partition by customer_key, month order by purchased_on nulls last
        ) as replaced_on
    from month_purchases
    where called_off_on is null

),

active_months as (

    select
        customer_key,
        happened_on,
        replaced_on
    from standing_months
    union all
    -- Of a month in which nothing stands in the end, what was called off last.
    select
        month_purchases.customer_key,
        max(month_purchases.purchased_on) as happened_on,
        max(month_purchases.called_off_on) as replaced_on
    from month_purchases
    left join standing_months
        on month_purchases.customer_key = standing_months.customer_key
        and month_purchases.month = standing_months.month
    where standing_months.customer_key is null
    group by month_purchases.customer_key, month_purchases.month

),

activity_days as (

    select
        records.customer_key,
        activity.activity_date as happened_on,
        max(case when activity.sessions > 0 then 1 else 0 end) as activity_days,
        sum(activity.sessions) as sessions,
        sum(activity.feature_uses) as feature_uses,
        sum(activity.logins) as logins
    from activity
    inner join records
        on records.namespace = 'shop'
        and activity.source_customer_id = records.record_id
    group by records.customer_key, activity.activity_date

),

answers as (

    select
        records.customer_key,
        {{ business_day('responses.responded_at', 'parameters.business_timezone') }}
            as happened_on,
        {{ rounded('100 * responses.score_share', 18, 4) }} as amount
    from responses
    inner join records
        on responses.namespace = records.namespace
        and responses.record_id = records.record_id
    cross join parameters
    where responses.score_share is not null

),

-- Only when it is over is it known whether a day for payment was kept.
payments as (

    select
        records.customer_key,
        invoices.due_on + 1 as happened_on,
        case
            when
                invoices.paid_on <= invoices.due_on
                and coalesce(invoices.paid_amount, invoices.amount) >= invoices.amount
                then 100
            else 0
        end as amount
    from invoices
    inner join records
        on records.namespace = 'crm'
        and invoices.source_customer_id = records.record_id

),

requests as (

    select
        records.customer_key,
        {{ business_day('tickets.opened_at', 'parameters.business_timezone') }} as opened_on,
        {{ business_day('tickets.resolved_at', 'parameters.business_timezone') }} as resolved_on,
        tickets.handling_minutes
    from tickets
    inner join records
        on records.namespace = 'crm'
        and tickets.source_customer_id = records.record_id
    cross join parameters

),

-- Records of one customer that were measured on the same day: the higher value.
values_by_day as (

    select
        records.customer_key,
        crm_measures.measure_code,
        crm_measures.measured_on,
        max(crm_measures.value) as amount
    from crm_measures
    inner join measures_in_use
        on measures_in_use.measure = 'crm_measure'
        and crm_measures.measure_code = measures_in_use.measure_code
    inner join records
        on records.namespace = 'crm'
        and crm_measures.source_customer_id = records.record_id
    group by records.customer_key, crm_measures.measure_code, crm_measures.measured_on

),

-- Each is one of many facts; of the measures below the newest alone counts.
facts as (

    {% for measure, relation, day, amount in [
        ('margin', 'margins', 'happened_on', 'amount'),
        ('activity_days', 'activity_days', 'happened_on', 'activity_days'),
        ('sessions', 'activity_days', 'happened_on', 'sessions'),
        ('feature_uses', 'activity_days', 'happened_on', 'feature_uses'),
        ('logins', 'activity_days', 'happened_on', 'logins'),
        ('satisfaction', 'answers', 'happened_on', 'amount'),
        ('paid_in_time', 'payments', 'happened_on', 'amount'),
        ('tickets', 'requests', 'opened_on', '1'),
        ('handling_minutes', 'requests', 'resolved_on', 'handling_minutes'),
    ] -%}
        select
            '{{ measure }}' as measure,
            cast(null as string) as measure_code,
            customer_key,
            {{ day }} as happened_on,
            cast(null as date) as replaced_on,
            cast({{ amount }} as decimal(18, 4)) as amount
        from {{ relation }}
        union all
    {% endfor -%}
    select
        'active_months' as measure,
        cast(null as string) as measure_code,
        customer_key,
        happened_on,
        replaced_on,
        1 as amount
    from active_months
    union all
    select
        'crm_measure' as measure,
        measure_code,
        customer_key,
        measured_on as happened_on,
        lead(measured_on) over (
            partition by customer_key, measure_code order by measured_on nulls last
        ) as replaced_on,
        -- One row of a day: as wide as the others, or all would be added up and rounded wide.
        cast(amount as decimal(18, 4)) as amount
    from values_by_day

),

dated as (

    select
        facts.customer_key,
        facts.measure,
        facts.measure_code,
        facts.happened_on,
        facts.replaced_on,
        cast(sum(facts.amount) as decimal(18, 4)) as amount,
        count(*) as fact_count
    from facts
    inner join measures_in_use
        on facts.measure = measures_in_use.measure
        and facts.measure_code is not distinct from measures_in_use.measure_code
    where facts.amount is not null and facts.happened_on is not null
    group by
        facts.customer_key,
        facts.measure,
        facts.measure_code,
        facts.happened_on,
        facts.replaced_on

)

select * from dated

{%- set largest -%}
    greatest(
        abs(dated.gross_amount), abs(dated.discount_amount),
        abs(dated.refund_amount), abs(dated.cost_amount)
    )
{%- endset -%}
with orders as (

    select * from {{ ref('int_orders__unioned') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__in_force') }}

),

statuses as (

    select * from {{ ref('order_statuses') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- Each rate holds until the next one of its currency.
rate_periods as (

    select
        currency,
        rate_to_base,
        rate_date as valid_from,
        lead(rate_date) over (partition by currency order by rate_date nulls last) as valid_to
    from rates

),

rated_days as (

    select
        min(rates.rate_date) as first_day,
        max(parameters.as_of_date) as last_day
    from rates
    cross join parameters

),

days as (

    {{ days_between('first_day', 'last_day', 'rated_days') }}

),

-- Orders then find their rate by its day: by a period each would meet hundreds.
rates_by_day as (

    select
        rate_periods.currency,
        days.date_day,
        rate_periods.rate_to_base
    from rate_periods
    inner join days
        on rate_periods.valid_from <= days.date_day
        and {{ or_forever('rate_periods.valid_to') }} > days.date_day

),

-- A known cancellation settles the status, whatever a first export says of it now.
dated as (

    select
        {{ star_without(['status'], 'orders') }},
        case
            when orders.cancelled_at is not null then 'cancelled'
            else orders.status
        end as status,
        parameters.base_currency,
        {{ business_day('orders.ordered_at', 'parameters.business_timezone') }} as ordered_on,
        -- Money that came back on an unknown day, or before it was paid, came back on the
        -- day of the order: the month of an export would carry years of it.
        {{ business_day(
            'greatest(orders.refunded_at, orders.ordered_at)', 'parameters.business_timezone'
        ) }} as refunded_on,
        {{ business_day(
            'greatest(orders.cancelled_at, orders.ordered_at)', 'parameters.business_timezone'
        ) }} as cancelled_on
    from orders
    cross join parameters

),

rated as (

    select
        dated.*,
        case
            when dated.currency = dated.base_currency then 1
            -- A rate that lifts any amount above what one may be gives the order none at all.
            when {{ exchanged(largest, 'rates_by_day.rate_to_base') }} is not null
                then rates_by_day.rate_to_base
        end as rate_to_base,
        rates_by_day.currency is not null as has_rate_of_currency
    from dated
    left join rates_by_day
        on dated.currency = rates_by_day.currency
        and dated.ordered_on = rates_by_day.date_day

),

in_base_currency as (

    select
        {{ star_without(
            ['gross_amount', 'discount_amount', 'refund_amount', 'cost_amount'], 'rated'
        ) }},
        rated.gross_amount < 0 as is_credit_note,
        {{ exchanged('rated.gross_amount', 'rated.rate_to_base') }} as gross_amount,
        {{ exchanged('rated.discount_amount', 'rated.rate_to_base') }} as discount_amount,
        {{ exchanged('rated.refund_amount', 'rated.rate_to_base') }} as refund_amount,
        {{ exchanged('rated.cost_amount', 'rated.rate_to_base') }} as cost_amount
    from rated

),

-- Cancelling takes back what is not yet refunded; a refund paid afterwards is how it
-- is taken back, not a second time.
taken_back as (

    select
        in_base_currency.*,
        -- A credit note is no purchase, whatever its status.
        statuses.counts_as_purchase and not in_base_currency.is_credit_note
            as counts_as_purchase,
        case
            when in_base_currency.rate_to_base is null then null
            when
                in_base_currency.status = 'cancelled'
                and greatest(in_base_currency.refunded_at, in_base_currency.ordered_at)
                > greatest(in_base_currency.cancelled_at, in_base_currency.ordered_at)
                then 0
            else in_base_currency.refund_amount
        end as refunded_amount
    from in_base_currency
    inner join statuses
        on in_base_currency.status = statuses.status

),

orders_valued as (

    select
        {{ surrogate_key(['source', 'order_id']) }} as order_key,
        *,
        cast(case
            when rate_to_base is null then null
            when status = 'cancelled' then gross_amount - discount_amount - refunded_amount
            else 0
        end as decimal(18, 4)) as cancelled_amount
    from taken_back

)

select * from orders_valued

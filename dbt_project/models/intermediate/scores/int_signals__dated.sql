-- Each signal lives from a day to the day before another. What an evaluation sees of it is
-- how many live on its day, how much they are in all or at most, and how old the oldest is.
with tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

opportunities as (

    select * from {{ ref('int_opportunities__in_force') }}

),

responses as (

    select * from {{ ref('int_responses__scored') }}

),

contacts as (

    select * from {{ ref('int_contacts__classified') }}

),

invoices as (

    select * from {{ ref('int_invoices__in_force') }}

),

activity as (

    select * from {{ ref('int_activity__in_force') }}

),

touches as (

    select * from {{ ref('int_touches__in_force') }}

),

order_lines as (

    select * from {{ ref('int_order_lines__unioned') }}

),

points as (

    select * from {{ ref('int_points__in_force') }}

),

policies as (

    select * from {{ ref('int_tier_policies__live') }}

),

typed_customers as (

    select * from {{ ref('int_customers__typed') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

requests as (

    select
        records.customer_key,
        tickets.kind,
        tickets.competitor_mentioned,
        {{ business_day('tickets.opened_at', 'parameters.business_timezone') }} as opened_on,
        {{ business_day(
            'coalesce(tickets.first_responded_at, tickets.resolved_at)',
            'parameters.business_timezone'
        ) }} as answered_on,
        {{ business_day('tickets.resolved_at', 'parameters.business_timezone') }} as resolved_on,
        case
            when tickets.reopened_at > tickets.resolved_at
                then {{ business_day('tickets.reopened_at', 'parameters.business_timezone') }}
        end as reopened_on,
        {{ hours_between(
            'tickets.opened_at', 'coalesce(tickets.first_responded_at, tickets.resolved_at)'
        ) }} as answer_hours,
        {{ hours_between('tickets.opened_at', 'tickets.resolved_at') }} as solution_hours
    from tickets
    inner join records
        on records.namespace = 'crm'
        and tickets.source_customer_id = records.record_id
    cross join parameters

),

-- What nobody closes for half a year is a matter of the list, not of the customer.
open_requests as (

    select
        customer_key,
        kind,
        opened_on as from_on,
        least({{ or_forever('resolved_on') }}, opened_on + 180) as until_on
    from requests
    union all
    select
        customer_key,
        kind,
        reopened_on as from_on,
        reopened_on + 180 as until_on
    from requests
    where reopened_on is not null

),

-- What even the lowest tier is due: scores read no tiers, for tiers may read scores.
due_requests as (

    select
        requests.*,
        policies.lowest_response_hours as response_hours,
        policies.lowest_resolution_hours as resolution_hours
    from requests
    inner join typed_customers
        on requests.customer_key = typed_customers.customer_key
    inner join policies
        on typed_customers.customer_type = policies.customer_type
        and cast(date_trunc('month', requests.opened_on) as date) - 1 >= policies.valid_from
        and cast(date_trunc('month', requests.opened_on) as date) - 1 <= policies.valid_to

),

-- Late is late from the day on which it was due, whatever came of it afterwards.
breached_requests as (

    select
        customer_key,
        least(
            case
                when coalesce(answer_hours > response_hours, true)
                    then opened_on + cast(ceil(cast(response_hours as double) / 24) as integer)
            end,
            case
                when coalesce(solution_hours > resolution_hours, true)
                    then opened_on + cast(ceil(cast(resolution_hours as double) / 24) as integer)
            end
        ) as breached_on
    from due_requests

),

deals as (

    select
        records.customer_key,
        {{ business_day('opportunities.closed_at', 'parameters.business_timezone') }} as closed_on
    from opportunities
    inner join records
        on records.namespace = 'crm'
        and opportunities.source_customer_id = records.record_id
    cross join parameters
    where
        opportunities.competitor is not null
        and opportunities.closed_at is not null
        and opportunities.stage = 'lost'

),

answers as (

    select
        records.customer_key,
        {{ business_day('responses.responded_at', 'parameters.business_timezone') }}
            as responded_on,
        avg(responses.score_share) as score_share,
        count(case when responses.sentiment = 'negative' then 1 end) as negative_count
    from responses
    inner join records
        on responses.namespace = records.namespace
        and responses.record_id = records.record_id
    cross join parameters
    where responses.score_share is not null
    group by
        records.customer_key,
        {{ business_day('responses.responded_at', 'parameters.business_timezone') }}

),

-- The newest answer stands until the next, or for a year.
standing_answers as (

    select
        customer_key,
        score_share,
        (lag(score_share) over of_the_customer) - score_share as drop_share,
        responded_on as from_on,
        least(
            {{ or_forever('lead(responded_on) over of_the_customer') }}, responded_on + 365
        ) as until_on
    from answers
    window of_the_customer as (
        partition by customer_key order by responded_on nulls last
    )

),

-- Whoever was reached since has been spoken to, whatever was planned before.
reached_days as (

    select distinct
        customer_key,
        done_on
    from contacts
    where has_reached

),

missed_contacts as (

    select
        contacts.interaction_id,
        contacts.customer_key,
        contacts.planned_on + 1 as from_on,
        least(
            {{ or_forever('min(reached_days.done_on)') }}, contacts.planned_on + 61
        ) as until_on
    from contacts
    left join reached_days
        on contacts.customer_key = reached_days.customer_key
        and contacts.planned_on <= reached_days.done_on
    where contacts.planned_on is not null and not contacts.is_incoming
    group by contacts.interaction_id, contacts.customer_key, contacts.planned_on

),

unpaid_invoices as (

    select
        records.customer_key,
        invoices.due_on + 1 as from_on,
        least({{ or_forever(settled_on('invoices')) }}, invoices.due_on + 366) as until_on
    from invoices
    inner join records
        on records.namespace = 'crm'
        and invoices.source_customer_id = records.record_id

),

visits as (

    select
        records.customer_key,
        activity.activity_date,
        sum(activity.sessions) as sessions
    from activity
    inner join records
        on records.namespace = 'shop'
        and activity.source_customer_id = records.record_id
    where activity.sessions > 0
    group by records.customer_key, activity.activity_date

),

answered_campaigns as (

    select
        records.customer_key,
        {{ business_day('touches.sent_at', 'parameters.business_timezone') }} as sent_on,
        {{ business_day('touches.clicked_at', 'parameters.business_timezone') }} as clicked_on,
        {{ business_day('touches.unsubscribed_at', 'parameters.business_timezone') }}
            as unsubscribed_on
    from touches
    inner join records
        on records.namespace = 'crm'
        and touches.source_customer_id = records.record_id
    cross join parameters

),

refunds as (

    select
        customer_key,
        refunded_on
    from {{ ref('int_orders__identified') }}
    where
        customer_key is not null
        and not is_credit_note
        and refunded_at is not null
        and refunded_amount > 0

),

-- An order called off afterwards was one until then.
discounts as (

    select
        customer_key,
        ordered_on,
        case
            when count(case when counts_as_purchase then 1 end) = 0 then max(cancelled_on)
        end as called_off_on
    from {{ ref('int_orders__identified') }}
    where customer_key is not null and not is_credit_note and discount_amount > 0
    group by customer_key, ordered_on

),

-- A category counts once a day, however many lines and orders it has.
category_days as (

    select
        orders.customer_key,
        order_lines.product_category,
        orders.ordered_on,
        case
            when count(case when orders.counts_as_purchase then 1 end) = 0
                then max(orders.cancelled_on)
        end as called_off_on
    from {{ ref('int_orders__identified') }} as orders
    inner join order_lines
        on orders.source = order_lines.source
        and orders.order_id = order_lines.order_id
    where
        orders.customer_key is not null
        and not orders.is_credit_note
        and order_lines.product_category is not null
    group by orders.customer_key, order_lines.product_category, orders.ordered_on

),

-- Each purchase counts for half a year, or until it is called off.
category_changes as (

    select
        customer_key,
        product_category,
        ordered_on as changed_on,
        1 as change_count,
        case when called_off_on is null then ordered_on end as bought_on
    from category_days
    where coalesce(called_off_on > ordered_on, true)
    union all
    select
        customer_key,
        product_category,
        least({{ or_forever('called_off_on') }}, ordered_on + 180) as changed_on,
        -1 as change_count,
        cast(null as date) as bought_on
    from category_days
    where coalesce(called_off_on > ordered_on, true)

),

category_changes_by_day as (

    select
        customer_key,
        product_category,
        changed_on,
        cast(sum(change_count) as integer) as change_count,
        max(bought_on) as bought_on
    from category_changes
    group by customer_key, product_category, changed_on

),

categories_so_far as (

    select
        customer_key,
        product_category,
        changed_on,
        change_count,
        sum(change_count) over so_far as purchase_count,
        max(bought_on) over so_far as last_bought_on
    from category_changes_by_day
    window so_far as (
        partition by customer_key, product_category order by changed_on nulls last
        rows between unbounded preceding and current row
    )

),

-- A category is bought while one of its purchases counts, and then left for half a year:
-- what matters are the days on which the one begins and the other.
categories as (

    select
        customer_key,
        purchase_count > 0 as is_bought,
        changed_on as from_on,
        {{ or_forever('lead(changed_on) over of_the_category') }} as until_on,
        last_bought_on
    from categories_so_far
    where (purchase_count > 0) <> (purchase_count - change_count > 0)
    window of_the_category as (
        partition by customer_key, product_category order by changed_on nulls last
    )

),

moved_points as (

    select
        records.customer_key,
        {{ business_day('points.moved_at', 'parameters.business_timezone') }} as moved_on,
        points.points as moved_count,
        points.expires_on
    from points
    inner join records
        on records.namespace = 'crm'
        and points.source_customer_id = records.record_id
    cross join parameters

),

first_points as (

    select
        customer_key,
        min(moved_on) as moved_on
    from moved_points
    group by customer_key

),

-- What came in matters from 60 days before it expires on, what went out at once.
point_movements as (

    select
        customer_key,
        case
            when moved_count > 0 then greatest(moved_on, expires_on - 60)
            else moved_on
        end as happened_on,
        moved_count,
        case when moved_count > 0 then expires_on end as expires_on
    from moved_points
    where moved_count < 0 or expires_on is not null

),

points_by_day as (

    select
        customer_key,
        happened_on,
        cast(sum(moved_count) as decimal(18, 4)) as moved_count,
        max(expires_on) as expires_on
    from point_movements
    group by customer_key, happened_on

),

-- Whatever left the account was of the points that expire first: of those that expire by
-- a day, so many are left as came in less all that went out. What expires goes out by a
-- movement of its own.
expiring_points as (

    select
        customer_key,
        sum(moved_count) over so_far as expiring_points,
        happened_on as from_on,
        least(
            {{ or_forever('lead(happened_on) over of_the_customer') }},
            (max(expires_on) over so_far) + 1
        ) as until_on
    from points_by_day
    window
        of_the_customer as (partition by customer_key order by happened_on nulls last),
        so_far as (
            partition by customer_key order by happened_on nulls last
            rows between unbounded preceding and current row
        )

),

signals as (

    {% for source, signal_code, relation, from_on, until_on, amount, condition in [
        ('tickets', 'complaint_open', 'open_requests', 'from_on', 'until_on', '1',
            "kind = 'complaint'"),
        ('tickets', 'request_open', 'open_requests', 'from_on', 'until_on', '1',
            "kind not in ('complaint', 'suggestion')"),
        ('tickets', 'complaint', 'requests', 'opened_on', 'opened_on + 90', '1',
            "kind = 'complaint'"),
        ('tickets', 'request', 'requests', 'opened_on', 'opened_on + 1', '1', 'true'),
        ('tickets', 'slow_answer', 'requests', 'answered_on', 'answered_on + 90',
            'answer_hours', 'answer_hours >= 0'),
        ('tickets', 'breach', 'breached_requests', 'breached_on', 'breached_on + 90', '1',
            'breached_on is not null'),
        ('tickets', 'competitor', 'requests', 'opened_on', 'opened_on + 90', '1',
            'competitor_mentioned is not null'),
        ('tickets', 'competitor', 'deals', 'closed_on', 'closed_on + 90', '1', 'true'),
        ('surveys', 'satisfaction', 'standing_answers', 'from_on', 'until_on', 'score_share',
            'true'),
        ('surveys', 'satisfaction_drop', 'standing_answers', 'from_on', 'until_on',
            'drop_share', 'drop_share is not null'),
        ('surveys', 'dissatisfied', 'answers', 'responded_on', 'responded_on + 90',
            'negative_count', 'negative_count > 0'),
        ('contacts', 'contact_missed', 'missed_contacts', 'from_on', 'until_on', '1', 'true'),
        ('contacts', 'contact', 'reached_days', 'done_on', 'done_on + 1', '1', 'true'),
        ('invoices', 'invoice_overdue', 'unpaid_invoices', 'from_on', 'until_on', '1', 'true'),
        ('activity', 'visit', 'visits', 'activity_date', 'activity_date + 30', 'sessions',
            'true'),
        ('activity', 'earlier_visit', 'visits', 'activity_date + 30', 'activity_date + 120',
            'sessions', 'true'),
        ('campaigns', 'campaign', 'answered_campaigns', 'sent_on', 'sent_on + 1', '1', 'true'),
        ('campaigns', 'click', 'answered_campaigns', 'clicked_on', 'clicked_on + 180', '1',
            'true'),
        ('campaigns', 'unsubscribed', 'answered_campaigns', 'unsubscribed_on',
            'unsubscribed_on + 365', '1', 'true'),
        ('orders', 'refund', 'refunds', 'refunded_on', 'refunded_on + 180', '1', 'true'),
        ('orders', 'discount', 'discounts', 'ordered_on',
            'least(called_off_on, ordered_on + 180)', '1', 'true'),
        ('orders', 'category', 'categories', 'from_on', 'until_on', '1', 'is_bought'),
        ('orders', 'category_left', 'categories', 'from_on',
            'least(until_on, last_bought_on + 360)', '1',
            'not is_bought and last_bought_on is not null'),
        ('points', 'points', 'first_points', 'moved_on', 'moved_on + 1', '1', 'true'),
        ('points', 'points_expiring', 'expiring_points', 'from_on', 'until_on',
            'expiring_points', 'expiring_points > 0'),
    ] -%}
        select
            '{{ source }}' as signal_source,
            '{{ signal_code }}' as signal_code,
            customer_key,
            {{ from_on }} as from_on,
            {{ until_on }} as until_on,
            {{ rounded('cast(' ~ amount ~ ' as double)', 18, 4) }} as amount
        from {{ relation }}
        where {{ condition }}
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}

),

dated as (

    select
        signal_source,
        signal_code,
        customer_key,
        from_on,
        until_on,
        cast(sum(amount) as decimal(18, 4)) as amount,
        max(amount) as greatest_amount
    from signals
    where from_on < until_on
    group by signal_source, signal_code, customer_key, from_on, until_on

)

select * from dated

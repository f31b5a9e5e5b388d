with customers as (

    select * from {{ ref('int_customers__watched') }}

),

indicators as (

    select * from {{ ref('int_indicators__in_use') }}

),

tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

responses as (

    select * from {{ ref('int_responses__scored') }}

),

feedback_actions as (

    select * from {{ ref('int_feedback_actions__in_force') }}

),

interactions as (

    select * from {{ ref('int_interactions__in_force') }}

),

opportunities as (

    select * from {{ ref('int_opportunities__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

eligible as (

    select
        records.namespace,
        records.record_id,
        customers.customer_key,
        customers.as_of_date,
        parameters.as_of_at,
        parameters.business_timezone
    from customers
    inner join records
        on customers.customer_key = records.customer_key
    cross join parameters
    where customers.is_eligible

),

tickets_of_customers as (

    select
        eligible.customer_key,
        eligible.as_of_date,
        tickets.ticket_id,
        tickets.kind,
        tickets.competitor_mentioned,
        tickets.resolved_at is null
        or coalesce(tickets.reopened_at > tickets.resolved_at, false) as is_open,
        {{ business_day('tickets.opened_at', 'eligible.business_timezone') }} as opened_on,
        {{ business_day(
            'coalesce(case when coalesce(tickets.reopened_at > tickets.resolved_at, true) then tickets.reopened_at end, tickets.opened_at)',
            'eligible.business_timezone'
        ) }} as waiting_since_on,
        {{ hours_between(
            'tickets.opened_at',
            'coalesce(tickets.first_responded_at, tickets.resolved_at, eligible.as_of_at)'
        ) }} as response_hours
    from tickets
    inner join eligible
        on eligible.namespace = 'crm'
        and tickets.source_customer_id = eligible.record_id

),

-- Of several that are open the oldest counts.
open_tickets as (

    select
        tickets.customer_key,
        indicators.indicator_code,
        cast({{ days_from('tickets.waiting_since_on', 'tickets.as_of_date') }} as double)
            as measure_value,
        tickets.ticket_id as detail,
        cast(1 as double) as days_per_unit,
        tickets.waiting_since_on as counted_from_on
    from tickets_of_customers as tickets
    inner join indicators
        on tickets.waiting_since_on > tickets.as_of_date - indicators.window_days
        and (
            (indicators.indicator_code = 'complaint_open' and tickets.kind = 'complaint')
            or (
                indicators.indicator_code = 'ticket_unsolved'
                and coalesce(tickets.kind not in ('complaint', 'suggestion'), true)
            )
        )
    where tickets.is_open
    qualify
        row_number() over (
            partition by tickets.customer_key, indicators.indicator_code
            order by tickets.waiting_since_on asc nulls last, tickets.ticket_id asc nulls last
        ) = 1

),

slow_responses as (

    select
        tickets.customer_key,
        indicators.indicator_code,
        tickets.response_hours as measure_value,
        tickets.ticket_id as detail,
        cast(1 as double) / 24 as days_per_unit,
        tickets.opened_on as counted_from_on
    from tickets_of_customers as tickets
    inner join indicators
        on indicators.indicator_code = 'slow_response'
        and tickets.opened_on > tickets.as_of_date - indicators.window_days
    qualify
        row_number() over (
            partition by tickets.customer_key
            order by tickets.response_hours desc nulls last, tickets.ticket_id asc nulls last
        ) = 1

),

-- What is said on the way out explains a loss and foretells none. A sheet is as grave as
-- its gravest answer.
latest_responses as (

    select
        eligible.customer_key,
        eligible.as_of_date,
        responses.response_id,
        responses.survey_type,
        responses.sentiment,
        responses.responded_at,
        {{ business_day('responses.responded_at', 'eligible.business_timezone') }} as responded_on
    from responses
    inner join eligible
        on responses.namespace = eligible.namespace
        and responses.record_id = eligible.record_id
    where responses.sentiment is not null and responses.survey_type <> 'exit'
    qualify
        row_number() over (
            partition by eligible.customer_key
            order by
                responses.responded_at desc nulls last,
                case responses.sentiment
                    when 'negative' then 0
                    when 'neutral' then 1
                    else 2
                end nulls last,
                responses.response_id asc nulls last,
                responses.question_code asc nulls last
        ) = 1

),

contacts as (

    select
        eligible.customer_key,
        interactions.done_at
    from interactions
    inner join eligible
        on eligible.namespace = 'crm'
        and interactions.source_customer_id = eligible.record_id
    where interactions.done_at is not null and coalesce(interactions.responded, true)

),

last_contacts as (

    select
        customer_key,
        max(done_at) as last_contacted_at
    from contacts
    group by customer_key

),

answered_responses as (

    select distinct subject_id as response_id
    from feedback_actions
    where subject_type = 'survey' and (done_at is not null or told_customer_at is not null)

),

dissatisfied as (

    select
        latest_responses.customer_key,
        indicators.indicator_code,
        cast({{ days_from(
            'latest_responses.responded_on', 'latest_responses.as_of_date'
        ) }} as double) as measure_value,
        latest_responses.survey_type as detail,
        cast(1 as double) as days_per_unit,
        latest_responses.responded_on as counted_from_on
    from latest_responses
    inner join indicators
        on indicators.indicator_code = 'dissatisfied'
        and latest_responses.responded_on
        > latest_responses.as_of_date - indicators.window_days
    left join last_contacts
        on latest_responses.customer_key = last_contacts.customer_key
        and latest_responses.responded_at < last_contacts.last_contacted_at
    left join answered_responses
        on latest_responses.response_id = answered_responses.response_id
    where
        latest_responses.sentiment = 'negative'
        and last_contacts.customer_key is null
        and answered_responses.response_id is null

),

named_competitors as (

    select
        customer_key,
        as_of_date,
        ticket_id as source_id,
        competitor_mentioned as competitor,
        opened_on as named_on
    from tickets_of_customers
    where competitor_mentioned is not null
    union all
    select
        eligible.customer_key,
        eligible.as_of_date,
        opportunities.opportunity_id as source_id,
        opportunities.competitor,
        {{ business_day('opportunities.closed_at', 'eligible.business_timezone') }} as named_on
    from opportunities
    inner join eligible
        on eligible.namespace = 'crm'
        and opportunities.source_customer_id = eligible.record_id
    where
        opportunities.competitor is not null
        and opportunities.closed_at is not null
        and opportunities.stage = 'lost'

),

numbered_competitors as (

    select
        named_competitors.customer_key,
        named_competitors.competitor,
        indicators.indicator_code,
        count(*) over (partition by named_competitors.customer_key) as mention_count,
        row_number() over (
            partition by named_competitors.customer_key
            order by
                named_competitors.named_on desc nulls last,
                named_competitors.source_id asc nulls last,
                named_competitors.competitor asc nulls last
        ) as number_from_latest
    from named_competitors
    inner join indicators
        on indicators.indicator_code = 'competitor_named'
        and named_competitors.named_on
        > named_competitors.as_of_date - indicators.window_days

),

complaints as (

    select * from open_tickets
    union all
    select * from slow_responses
    union all
    select * from dissatisfied
    union all
    select
        customer_key,
        indicator_code,
        cast(mention_count as double) as measure_value,
        competitor as detail,
        cast(null as double) as days_per_unit,
        cast(null as date) as counted_from_on
    from numbered_competitors
    where number_from_latest = 1

)

select * from complaints

with tickets as (

    select * from {{ ref('int_tickets__measured') }}

),

responses as (

    select * from {{ ref('int_responses__scored') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

actions as (

    select * from {{ ref('int_feedback_actions__in_force') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

policies as (

    select * from {{ ref('feedback_policies') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- One sheet of answers is one piece of feedback, as grave as its gravest answer.
sheets as (

    select
        response_id,
        min(case sentiment when 'negative' then 1 when 'neutral' then 2 when 'positive' then 3 end)
            as gravest,
        max(has_comment) as has_comment
    from responses
    group by response_id

),

told_sheets as (

    select
        responses.response_id,
        responses.namespace,
        responses.record_id,
        responses.staff_id,
        responses.survey_type,
        responses.channel,
        responses.touchpoint,
        responses.reason_code,
        case sheets.gravest when 1 then 'negative' when 2 then 'neutral' when 3 then 'positive' end
            as sentiment,
        responses.responded_at
    from responses
    inner join sheets
        on responses.response_id = sheets.response_id
    where sheets.gravest = 1 or sheets.has_comment
    qualify
        row_number() over (
            partition by responses.response_id
            order by
                responses.score_share asc nulls last,
                responses.responded_at asc nulls last,
                responses.question_code asc nulls first
        ) = 1

),

raised as (

    select
        'ticket' as subject_type,
        ticket_id as subject_id,
        customer_key,
        staff_id,
        kind,
        priority as severity,
        channel,
        cast(null as string) as touchpoint,
        category as own_theme,
        opened_at as raised_at,
        resolved_at
    from tickets
    union all
    select
        'survey' as subject_type,
        told_sheets.response_id as subject_id,
        records.customer_key,
        told_sheets.staff_id,
        told_sheets.survey_type as kind,
        told_sheets.sentiment as severity,
        told_sheets.channel,
        told_sheets.touchpoint,
        told_sheets.reason_code as own_theme,
        told_sheets.responded_at as raised_at,
        cast(null as timestamp) as resolved_at
    from told_sheets
    left join records
        on told_sheets.namespace = records.namespace
        and told_sheets.record_id = records.record_id

),

dated as (

    select
        raised.*,
        {{ business_day('raised.raised_at', 'parameters.business_timezone') }} as raised_on
    from raised
    cross join parameters

),

-- The rule that names kind and severity goes before one for any; without one, no feedback.
with_policies as (

    select
        dated.*,
        policies.due_days,
        policies.is_closed_by_resolution
    from dated
    inner join policies
        on dated.subject_type = policies.subject_type
        and (dated.kind = policies.kind or policies.kind = 'any')
        and (dated.severity = policies.severity or policies.severity = 'any')
        and dated.raised_on >= policies.valid_from
        and dated.raised_on <= policies.valid_to
    qualify
        row_number() over (
            partition by dated.subject_type, dated.subject_id
            order by policies.kind = 'any' asc nulls last, policies.severity = 'any' asc nulls last
        ) = 1

),

first_themes as (

    select
        subject_type,
        subject_id,
        theme
    from actions
    where theme is not null
    qualify
        row_number() over (
            partition by subject_type, subject_id
            order by decided_at asc nulls last, action_id asc nulls last
        ) = 1

),

-- Of several actions the last counts: one neither carried out nor told keeps the loop open.
actions_by_subject as (

    select
        subject_type,
        subject_id,
        min(decided_at) as decided_at,
        case when count(done_at) = count(*) then max(done_at) end as done_at,
        case
            when count(coalesce(told_customer_at, done_at)) = count(*) then max(told_customer_at)
        end as told_customer_at
    from actions
    group by subject_type, subject_id

),

with_actions as (

    select
        with_policies.*,
        coalesce(first_themes.theme, with_policies.own_theme) as theme,
        actions_by_subject.decided_at,
        case
            when actions_by_subject.subject_id is not null then actions_by_subject.done_at
            when with_policies.is_closed_by_resolution then with_policies.resolved_at
        end as done_at,
        case
            when actions_by_subject.subject_id is not null then actions_by_subject.told_customer_at
            when with_policies.is_closed_by_resolution then with_policies.resolved_at
        end as told_customer_at
    from with_policies
    left join actions_by_subject
        on with_policies.subject_type = actions_by_subject.subject_type
        and with_policies.subject_id = actions_by_subject.subject_id
    left join first_themes
        on with_policies.subject_type = first_themes.subject_type
        and with_policies.subject_id = first_themes.subject_id

),

with_days as (

    select
        with_actions.*,
        customers.owner_staff_id,
        parameters.as_of_date,
        with_actions.raised_on + with_actions.due_days as due_on,
        {{ business_day('with_actions.told_customer_at', 'parameters.business_timezone') }}
            as told_on
    from with_actions
    left join customers
        on with_actions.customer_key = customers.customer_key
    cross join parameters

),

-- The run's day is over: what was due on it and is not told can no longer be in time.
followed as (

    select
        {{ surrogate_key(['with_days.subject_type', 'with_days.subject_id']) }} as feedback_id,
        with_days.subject_type,
        with_days.subject_id,
        with_days.customer_key,
        with_days.owner_staff_id,
        with_days.staff_id,
        coalesce(tiers.tier_code, 'none') as tier_code,
        with_days.kind,
        with_days.severity,
        with_days.channel,
        with_days.touchpoint,
        with_days.theme,
        case
            when with_days.told_customer_at is not null then 'told'
            when with_days.done_at is not null then 'done'
            when with_days.decided_at is not null then 'decided'
            else 'raised'
        end as status,
        case
            when with_days.told_on is not null then with_days.told_on <= with_days.due_on
            when with_days.due_on <= with_days.as_of_date then false
        end as is_closed_in_time,
        with_days.told_on is null
        and coalesce(with_days.due_on < with_days.as_of_date, false) as is_overdue,
        {{ days_from(
            'with_days.raised_on', 'coalesce(with_days.told_on, with_days.as_of_date)'
        ) }} as days_open,
        with_days.raised_on,
        with_days.due_on,
        with_days.raised_at,
        with_days.decided_at,
        with_days.done_at,
        with_days.told_customer_at
    from with_days
    left join tiers
        on with_days.customer_key = tiers.customer_key
        and with_days.raised_on >= tiers.valid_from
        and with_days.raised_on <= {{ or_forever('tiers.valid_to') }}

)

select * from followed

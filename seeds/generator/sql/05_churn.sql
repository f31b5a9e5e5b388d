-- Who leaves, when and why. Each customer has a fixed budget of hazard (exponential);
-- time uses it up at the customer's own rate, and faster while an incident's window is
-- open. The customer leaves when it is used up: so a cause always comes before its
-- effect, and worlds with an effect switched off differ in that effect alone.

create table incidents as
with told as (
    select person, 'complaint_unsolved' as kind, opened_day + 1 as day, 60 as window_days,
        world_complaint_hazard() as factor, 'service/tickets' as feed, ticket_no as source_no
    from possible_tickets where is_unsolved
    union all
    select person, 'slow_response', opened_day + 1, 45, world_slow_response_hazard(),
        'service/tickets', ticket_no
    from possible_tickets where waiting_hours > 24
    union all
    select person, 'detractor_unanswered', responded_day + 3, 60, world_detractor_hazard(),
        'survey/responses', answer_no
    from possible_answers where has_answered and is_low and not is_acted_on
    union all
    select person, 'follow_up_missed', planned_day + 1, 60, world_missed_follow_up_hazard(),
        'crm/interactions', follow_up_no
    from possible_follow_ups where is_missed
    union all
    select person, 'price_rise', price_rise_day, 90, world_price_hazard(), 'shop/orders', person
    from people where price_rise_day is not null
)
select
    told.person,
    told.kind,
    told.day,
    told.window_days,
    told.factor,
    told.feed,
    told.source_no,
    told.person::varchar || '-' || told.kind || '-' || told.source_no as incident_id
from told
inner join people on told.person = people.person
where told.day < final_day() + 1 and not people.is_prospect and not people.is_one_time
order by told.person, told.day, told.kind, told.source_no;

create table departures as
with budgets as (
    select
        person,
        wait('hazard budget', person) as budget,
        case when is_firm then world_firm_hazard() else world_person_hazard() end / 365
        * exp(-0.25 * mood) as rate,
        greatest(starts_day, 0) + 30 as from_day
    from people
    where not is_prospect and not is_one_time
), turns as (
    select person, from_day as day, 0.0 as step, -1 as turn_no from budgets
    union all
    select incidents.person, greatest(incidents.day, from_day), factor - 1,
        row_number() over (partition by incidents.person order by incidents.incident_id) * 2
    from incidents inner join budgets on incidents.person = budgets.person
    union all
    select incidents.person, greatest(incidents.day + window_days, from_day), 1 - factor,
        row_number() over (partition by incidents.person order by incidents.incident_id) * 2 + 1
    from incidents inner join budgets on incidents.person = budgets.person
), stretches as (
    select
        person,
        day,
        turn_no,
        lead(day) over whole as next_day,
        1 + sum(step) over (
            partition by person order by day, turn_no
            rows between unbounded preceding and current row
        ) as pace
    from turns
    window whole as (partition by person order by day, turn_no)
), used as (
    select
        stretches.person,
        budgets.budget,
        budgets.rate,
        day,
        next_day,
        pace,
        coalesce(sum((next_day - day) * pace * rate) over (
            partition by stretches.person order by day, turn_no
            rows between unbounded preceding and 1 preceding
        ), 0) as used_before,
        coalesce((next_day - day) * pace * rate, 'infinity'::double) as used_here
    from stretches
    inner join budgets on stretches.person = budgets.person
    where budgets.rate > 0
)
select person, min(day + (budget - used_before) / (pace * rate)) as decided_day
from used
where used_before <= budget and used_before + used_here > budget
group by person
having min(day + (budget - used_before) / (pace * rate)) < final_day() + 1
order by person;

-- Of the causes at work on the day, one is drawn in proportion to its weight.
create table causes as
with at_work as (
    select
        departures.person,
        incidents.incident_id,
        incidents.kind,
        incidents.factor - 1 as weight
    from departures
    inner join incidents
        on departures.person = incidents.person
        and departures.decided_day >= incidents.day
        and departures.decided_day < incidents.day + incidents.window_days
    where incidents.factor > 1
), lots as (
    select
        *,
        1 + sum(weight) over (partition by person order by incident_id
            rows between unbounded preceding and current row) as upper_lot,
        1 + sum(weight) over (partition by person) as all_lots
    from at_work
)
select person, incident_id, kind
from lots
where chance('cause', person) * all_lots >= upper_lot - weight
    and chance('cause', person) * all_lots < upper_lot
order by person;

create table lives as
with anniversaries as (
    select
        people.person,
        (world_from_day() + floor(people.joined_day)::integer) as signed_on,
        world_from_day() + floor(departures.decided_day)::integer as decided_on
    from people
    inner join departures on people.person = departures.person
    where people.is_firm
), periods as (
    select
        person,
        -- The end of the yearly period in which they decided to leave.
        signed_on + to_years(date_diff('year', signed_on, decided_on)
            + case when signed_on + to_years(date_diff('year', signed_on, decided_on)) > decided_on
                then 0 else 1 end) - interval 1 day as ends_on
    from anniversaries
), leaving as (
    select
        people.person,
        departures.decided_day,
        causes.kind as cause,
        causes.incident_id,
        periods.ends_on::date as contract_ends_on,
        case
            when departures.person is null then null
            when people.is_firm and chance('leaves how', people.person) < 0.6 then 'not_renewed'
            when people.is_firm then 'terminated'
            when chance('leaves how', people.person) < 0.18 then 'terminated'
            else 'silent'
        end as churn_kind
    from people
    left join departures on people.person = departures.person
    left join causes on people.person = causes.person
    left join periods on people.person = periods.person
), ended as (
    select
        *,
        case when churn_kind = 'not_renewed' then days_of(contract_ends_on::timestamp) + 0.99
            else decided_day end as churned_day
    from leaving
)
select
    ended.person,
    decided_day,
    case when churned_day < final_day() + 1 then churned_day end as churned_day,
    case when churned_day < final_day() + 1 then churn_kind end as churn_kind,
    churn_kind as intended_kind,
    case when decided_day is not null then coalesce(cause, 'natural') end as cause,
    incident_id,
    churn_kind = 'silent' and chance('fades', ended.person) < world_fading_share() as is_fading,
    case
        when decided_day is null then null
        when cause = 'complaint_unsolved'
            then pick(['service', 'bad_service', 'product', 'service', 'quality'], chance('reason', ended.person))
        when cause = 'slow_response'
            then pick(['service', 'slow_service', 'bad_service'], chance('reason', ended.person))
        when cause = 'detractor_unanswered'
            then pick(['service', 'product', 'neglect'], chance('reason', ended.person))
        when cause = 'follow_up_missed'
            then pick(['neglect', 'neglect', 'no_contact', 'service'], chance('reason', ended.person))
        when cause = 'price_rise'
            then pick(['price', 'too_expensive', 'price', 'competitor'], chance('reason', ended.person))
        when people.is_firm
            then pick(['budget', 'decision_process', 'competitor', 'closed', 'bankrupt', 'moved',
                'product', 'other'], chance('reason', ended.person))
        else pick(['moved', 'relocated', 'competitor', 'other', 'no_need', 'product', 'price'],
            chance('reason', ended.person))
    end as reason_code
from ended
inner join people on ended.person = people.person
order by ended.person;

-- After leaving nobody buys, asks or answers; what was planned stays a plan.
create table spans as
select
    people.*,
    lives.decided_day,
    lives.churned_day,
    lives.churn_kind,
    lives.intended_kind,
    lives.is_fading,
    lives.reason_code,
    coalesce(lives.churned_day, final_day() + 0.99999) as ends_day
from people
inner join lives on people.person = lives.person
order by people.person;

create table tickets as
select possible_tickets.*
from possible_tickets
inner join spans on possible_tickets.person = spans.person
where opened_day <= spans.ends_day
order by ticket_no;

create table answers as
select possible_answers.*
from possible_answers
inner join spans on possible_answers.person = spans.person
where asked_day <= spans.ends_day and asked_day + 0.2 < final_day() + 1
    -- An answer that caused the leaving, or none after it.
    and (not has_answered or responded_day <= spans.ends_day)
order by answer_no;

create table follow_ups as
select possible_follow_ups.*
from possible_follow_ups
inner join spans on possible_follow_ups.person = spans.person
where planned_day <= spans.ends_day + case when spans.churned_day is null then 30 else 0 end
order by follow_up_no;

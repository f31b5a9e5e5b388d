-- What would be asked, complained of and answered if nobody ever left; leaving cuts it.

create table possible_tickets as
with lives as (
    select
        person,
        region_no,
        is_firm,
        value_class,
        greatest(joined_day, 0) as from_day,
        -- Who buys once has questions about that purchase only.
        case when is_one_time then least(starts_day + 45, final_day() + 1)
            else final_day() + 1 end as until_day,
        world_tickets_a_year() / 365 * case when is_firm then 2.0 when is_prospect then 0.2
            else 1.0 end * exp(0.8 * bell('tickets', person) - 0.32)
        * case when is_one_time then 3.0 else 1.0 end as rate
    from people
    where not is_unknown_to_crm
), counted as (
    select *, floor(rate * (until_day - from_day) + chance('ticket count', person))::integer as n
    from lives
), repeated as (
    select *, unnest(range(0, least(n, 60))) as number from counted
), numbered as (
    select
        person * 64 + number as ticket_no,
        person, from_day, region_no, is_firm, value_class,
        in_hours(from_day + (until_day - from_day) * chance('ticket at', person * 64 + number), 8, 22)
            as opened_day
    from repeated
), kinds as (
    select
        numbered.* exclude (from_day),
        chance('ticket kind', ticket_no) as kind_draw,
        teams.members[1 + floor(len(teams.members) * chance('ticket staff', ticket_no))::integer]
            ::integer as staff_no
    from numbered
    inner join teams on numbered.region_no = teams.region_no and teams.role = 'service'
    where opened_day >= from_day and opened_day < final_day() + 1
), answered as (
    select
        kinds.*,
        case when kind_draw < 0.36 then 'question' when kind_draw < 0.56 then 'fault'
            when kind_draw < 0.76 then 'complaint' when kind_draw < 0.92 then 'return'
            else 'suggestion' end as kind,
        staff.is_slow_team
        and chance('slow answer', ticket_no) < world_slow_team_share()
        or chance('slow answer', ticket_no) < world_slow_share() as is_slow
    from kinds
    inner join staff on kinds.staff_no = staff.staff_no
), solved as (
    select
        *,
        case when is_slow then 26 + 60 * chance('waiting', ticket_no)
            else least(20, 1.6 * exp(0.9 * bell('waiting', ticket_no))) end as waiting_hours,
        kind = 'complaint'
        and chance('unsolved', ticket_no) < case when is_slow then 0.45 else 0.28 end
            as is_unsolved,
        chance('unsolved how', ticket_no) < 0.6 as stays_open
    from answered
)
select
    *,
    waiting_hours + 18 * exp(0.8 * bell('solving', ticket_no)) * case when is_slow then 2 else 1 end
        as solving_hours,
    (4 + 25 * exp(0.5 * bell('handling', ticket_no)))::integer as handling_minutes
from solved
order by ticket_no;

-- Contacts by plan: the better the customer, the more often; the biased branch less.
create table possible_follow_ups as
with cadences as (
    select
        people.person,
        people.is_firm,
        people.value_class,
        owners.owner_no,
        owners.owner_before_no,
        coalesce(owners.changed_day, -1) as changed_day,
        greatest(people.joined_day, 0) as from_day,
        case
            when is_firm and value_class = 'A' then 28 when is_firm and value_class = 'B' then 56
            when is_firm and value_class = 'C' then 82 when is_firm then 160
            when value_class = 'A' then 42 when value_class = 'B' then 110 else 220 end
        * case when people.is_biased_branch then world_biased_cadence() else 1 end as cadence,
        chance('first follow-up', people.person) as phase
    from people
    inner join owners on people.person = owners.person
    where not people.is_prospect
), planned as (
    select
        *,
        person * 64 + number as follow_up_no,
        in_hours(
            floor(from_day + cadence * (number + 0.2 + 0.6 * phase))
            + chance('follow-up at', person * 64 + number), 9, 18) as planned_day
    from cadences, range(0, 40) as numbers (number)
    where from_day + cadence * (number + 0.2 + 0.6 * phase) < final_day() + 30
), worked as (
    select
        planned.*,
        case when planned_day < changed_day then owner_before_no else owner_no end as staff_no
    from planned
)
select
    worked.follow_up_no,
    worked.person,
    worked.staff_no,
    worked.planned_day,
    staff.is_careless,
    case when is_firm and chance('visit', follow_up_no) < 0.5 then 'visit'
        when chance('visit', follow_up_no) < 0.1 and value_class = 'A' then 'visit'
        else pick(['phone', 'phone', 'wechat', 'video', 'email'], chance('by way', follow_up_no))
        end as kind,
    chance('missed', follow_up_no) < case when staff.is_careless
        then world_careless_missed_share() else world_missed_share() end as is_missed,
    chance('responded', follow_up_no) < 0.84 as responded,
    planned_day + 3 * pow(chance('follow-up done', follow_up_no), 3) as done_day
from worked
inner join staff on worked.staff_no = staff.staff_no
order by follow_up_no;

-- Answers: after a ticket, after a follow-up, and twice a year whether they would
-- recommend us. Whoever was let down says so.
create table possible_answers as
with asked as (
    select
        person, 'T' as about, ticket_no as about_no, 'csat' as survey_type, 'service' as touchpoint,
        staff_no,
        opened_day + solving_hours / 24 + 1 + 2 * chance('asked after ticket', ticket_no) as asked_day,
        case when is_unsolved then -1.9 when is_slow then -1.2 else 0.25 end as grievance,
        ticket_no * 4 as answer_no
    from possible_tickets
    where chance('asks after ticket', ticket_no) < 0.62
    union all
    select
        person, 'F', follow_up_no, 'csat', 'use', staff_no,
        done_day + 1 + chance('asked after follow-up', follow_up_no),
        case when is_careless then -1.6 else 0.4 end,
        follow_up_no * 4 + 1
    from possible_follow_ups
    where not is_missed and responded and chance('asks after follow-up', follow_up_no) < 0.2
    union all
    select
        person, 'N', person * 64 + number, 'nps', 'use', null,
        in_hours(
            floor(greatest(joined_day, 0) + 60 + 180 * (number + chance('nps phase', person)))
            + chance('nps at', person * 64 + number), 9, 20),
        0.0,
        (person * 64 + number) * 4 + 2
    from people, range(0, 6) as numbers (number)
    where not is_unknown_to_crm and not is_prospect and not is_one_time
        and greatest(joined_day, 0) + 60 + 180 * (number + chance('nps phase', person))
            < final_day()
        and chance('asks nps', person * 64 + number) < 0.65
), scored as (
    select
        asked.*,
        asked.asked_day + 0.1 + 4 * pow(chance('answers after', answer_no), 2) as responded_day,
        chance('answers', answer_no) < 0.5 as has_answered,
        0.5 * people.mood + asked.grievance + 0.8 * bell('score', answer_no) as feeling
    from asked
    inner join people on asked.person = people.person
)
select
    * exclude (feeling, grievance),
    case
        when survey_type = 'nps' then least(10, greatest(0, round(8.0 + 2.1 * feeling)))
        else least(5, greatest(1, round(4.1 + 1.05 * feeling)))
    end::integer as score,
    survey_type = 'nps' and round(8.0 + 2.1 * feeling) <= 6
    or survey_type = 'csat' and round(4.1 + 1.05 * feeling) <= 2 as is_low,
    chance('feedback acted on', answer_no) < 0.6 as is_acted_on
from scored
where asked_day < final_day() + 1
order by answer_no;

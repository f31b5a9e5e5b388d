-- Everything said between us and them, what was done about feedback, and what they got.

create table interactions as
with said as (
    select
        follow_up_no * 8 as interaction_no, person, staff_no, kind, 'follow_up' as purpose, 'out' as direction,
        planned_day, case when not is_missed then done_day end as done_day, responded, 0 as told
    from follow_ups
    union all
    select
        ticket_no * 8 + 1, tickets.person, staff_no, 'phone', 'complaint', 'out', null,
        opened_day + waiting_hours / 24 + 0.1, chance('complaint call', ticket_no) < 0.8, 0
    from tickets
    inner join spans on tickets.person = spans.person
    where kind = 'complaint' and not is_unsolved and chance('called', ticket_no) < 0.6
        and opened_day + waiting_hours / 24 + 0.1 < least(spans.ends_day, final_day() + 1)
    union all
    select
        (spans.person * 64 + number) * 8 + 2, spans.person, null, pick(['chat', 'wechat', 'chat', 'email', 'phone'],
            chance('inbound by', spans.person * 64 + number)), 'care', 'in', null,
        in_hours(greatest(joined_day, 0) + (ends_day - greatest(joined_day, 0)) * chance('inbound at', spans.person * 64 + number), 8, 23),
        true, 0
    from spans, range(0, 3) as numbers (number)
    where not is_unknown_to_crm and number < floor(1.9 * chance('inbound', spans.person))
        and ends_day > greatest(joined_day, 0) + 2
    union all
    select
        (spans.person * 64 + number) * 8 + 3, spans.person, owners.owner_no, 'greeting', 'care', 'out',
        in_hours(365.25 * number + 40 + chance('greeting at', spans.person * 64 + number), 9, 12),
        in_hours(365.25 * number + 40 + chance('greeting at', spans.person * 64 + number), 9, 12),
        chance('greeting answered', spans.person * 64 + number) < 0.3, 0
    from spans
    inner join owners on spans.person = owners.person,
    range(0, 12) as numbers (number)
    where value_class in ('A', 'B') and 365.25 * number + 42 < least(ends_day, final_day())
        and joined_day < 365.25 * number + 40
        and chance('greeted', spans.person * 64 + number) < 0.7
    union all
    select
        spans.person * 512 + 4, spans.person, owners.owner_no, 'phone', 'win_back', 'out', null,
        in_hours(floor(churned_day) + 60 + 30 * chance('win back at', spans.person), 9, 18),
        chance('win back answered', spans.person) < 0.35, 0
    from spans
    inner join owners on spans.person = owners.person
    where churned_day is not null and value_class = 'A' and churned_day + 92 < final_day()
        and chance('win back', spans.person) < 0.6
)
select
    said.* exclude (told),
    'I' || lpad(interaction_no::varchar, 11, '0') as interaction_id,
    case when done_day is null then null when kind in ('greeting', 'email') then 2
        when not responded then 1 when kind = 'visit' then 40 + floor(60 * chance('duration', interaction_no))
        else 4 + floor(22 * chance('duration', interaction_no)) end::integer as duration_minutes,
    case when done_day is null then null
        when not responded then 'no_answer'
        when purpose = 'win_back' then 'not_interested'
        when purpose = 'complaint' then 'explained'
        else pick(['satisfied', 'satisfied', 'needs_quote', 'satisfied', 'problem_noted'],
            chance('outcome', interaction_no)) end as outcome,
    case when done_day is not null and chance('note', interaction_no) < 0.15
        then pick(['客户近期较忙，下次再约', '对交付速度满意', '询问新品价格', '希望有固定联系人',
            '提到竞争对手的报价', '一切正常'], chance('note text', interaction_no)) end as note
from said
where coalesce(done_day, planned_day) < final_day() + case when done_day is null then 31 else 1 end
order by interaction_no;

create table feedback_actions as
with decided as (
    select answer_no * 2 as action_no, 'survey' as subject_type, 'R' || lpad(answer_no::varchar, 10, '0') as subject_id,
        pick(['service', 'product', 'price', 'delivery'], chance('theme', answer_no)) as theme,
        responded_day + 0.5 + 2.4 * chance('decided at', answer_no) as decided_day
    from answers where has_answered and is_low and is_acted_on
    union all
    select ticket_no * 2 + 1, 'ticket', 'T' || lpad(ticket_no::varchar, 9, '0'),
        pick(['service', 'product', 'delivery', 'quality'], chance('ticket theme', ticket_no)),
        opened_day + 1 + 4 * chance('ticket decided at', ticket_no)
    from tickets
    where kind in ('complaint', 'suggestion') and chance('ticket acted on', ticket_no) < case when is_unsolved then 0.1 else 0.5 end
    union all
    select person * 4 + 3 + 1000000000000, 'loss', 'C' || lpad(person::varchar, 8, '0'), reason_code, churned_day + 5 + 10 * chance('loss review', person)
    from spans where churn_kind in ('terminated', 'not_renewed') and chance('loss reviewed', person) < 0.5 and not is_unknown_to_crm
)
select
    *,
    pick(['回访并致歉', '更换产品', '优化流程', '补偿优惠券', '转产品部门改进'], chance('action', action_no)) as action,
    case when chance('action done', action_no) < 0.8 then decided_day + 1 + 9 * chance('action done at', action_no) end as done_day,
    case when chance('action done', action_no) < 0.8 and chance('told', action_no) < 0.75
        then decided_day + 10.5 + 4 * chance('told at', action_no) end as told_day
from decided
where decided_day < final_day() + 1
order by action_no;

create table benefits as
with granted as (
    select
        spans.person, spans.person * 32 + number as benefit_no, spans.ends_day,
        case when number % 2 = 0 then 'birthday_voucher' else 'tier_gift' end as benefit_code,
        greatest(joined_day, 0) + 120 + 183 * (number + chance('benefit phase', spans.person)) as granted_day,
        value_class
    from spans, range(0, 12) as numbers (number)
    where not is_unknown_to_crm and not is_prospect and value_class in ('A', 'B')
        and greatest(joined_day, 0) + 120 + 183 * (number + chance('benefit phase', spans.person)) < least(ends_day, final_day())
        and chance('granted', spans.person * 32 + number)
            < 0.5 * case when is_biased_branch then world_biased_benefit() else 1 end
)
select
    benefit_no, person, benefit_code,
    in_hours(granted_day, 9, 10) as granted_day,
    case when chance('used', benefit_no) < 0.55 and granted_day + 30 < ends_day
        then in_hours(granted_day + 1 + 28 * chance('used at', benefit_no), 10, 21) end as used_day,
    (case benefit_code when 'birthday_voucher' then 30 else 60 end * case value_class when 'A' then 2 else 1 end)::decimal(8, 2) as cost
from granted
order by benefit_no;

-- The programme began fifteen months before the end of the history.
create table points as
with earned as (
    select
        orders.order_key, orders.person,
        coalesce(orders.delivered_at, orders.ordered_at) + interval 1 hour as earned_at,
        greatest(1, floor((gross_amount - discount_amount) * rate / 10))::integer as points,
        orders.delivered_at
    from orders
    where has_card(orders.person) and not is_guest and not is_unknown_to_crm and cancelled_at is null
        and not is_returned and ordered_at >= world_to_day()::timestamp - to_days(455)
), firms_left_out as (
    select earned.*, last_day(earned_at::date + interval 12 month) as expires_on,
        chance('redeems', order_key) < 0.18 as redeems,
        earned_at + to_days((5 + floor(50 * chance('redeemed at', order_key)))::integer) as redeemed_at
    from earned
    inner join spans on earned.person = spans.person and not spans.is_firm
    where earned_at < day_end(world_to_day())
)
select order_key * 4 as movement_no, person, earned_at as moved_at, 'earn' as kind, points, expires_on, order_key from firms_left_out
union all
select order_key * 4 + 1, person, redeemed_at, 'redeem', -ceil(points * 0.8)::integer, null, null
from firms_left_out where redeems
union all
select order_key * 4 + 2, person, expires_on::timestamp + interval 25 hour, 'expire',
    -(points - case when redeems then ceil(points * 0.8) else 0 end)::integer, null, null
from firms_left_out where points > case when redeems then ceil(points * 0.8) else 0 end
union all
select order_key * 4 + 3, person, earned_at + interval 2 day, 'adjust', 50, expires_on, null
from firms_left_out where chance('goodwill', order_key) < 0.01
order by movement_no;

create table activity as
with visits as (
    select
        spans.person, is_fading, churned_day, category,
        greatest(starts_day, final_day() - 360) as from_day,
        least(ends_day, final_day() + 1) as until_day,
        case when is_one_time then 2 else least(9, 2 + floor(140 / gap_days)) end as n
    from spans
    where not is_prospect and spans.starts_day < spans.ends_day
), spread as (
    select
        *, person * 16 + number as visit_no,
        floor(from_day + case when n < 1 then 0 else (until_day - from_day) * (number + 0.9 * chance('visit at', person * 16 + number)) / n end)::integer as day_no
    from visits, range(0, 9) as numbers (number)
    where number < n and until_day - from_day > 10 * n  -- so that no two fall on a day
)
select
    person,
    visit_no,
    world_from_day() + day_no as activity_date,
    case when chance('visit category', visit_no) < 0.6 then pick(categories(), (category + 0.5) / 8)
        when chance('visit category', visit_no) < 0.92 then pick(categories(), chance('visit other', visit_no)) end as product_category,
    (1 + floor(3 * pow(chance('sessions', visit_no), 2)))::integer as sessions,
    (2 + floor(25 * pow(chance('page views', visit_no), 2)))::integer as page_views,
    floor(6 * pow(chance('features', visit_no), 2))::integer as feature_uses,
    (1 + floor(2 * chance('logins', visit_no)))::integer as logins
from spread
where not coalesce(is_fading and day_no > churned_day - 60 and chance('fades away', visit_no) < 0.75, false)
    and day_no >= 0
order by visit_no;

create table rates as
select
    currency,
    (world_from_day() + day_no::integer) as rate_date,
    cast(round(base * (1 + 0.03 * sin(day_no / 90.0 + length(currency) + ascii(currency))
        + 0.002 * bell('rate ' || currency, day_no)), 5) as decimal(12, 5)) as rate_to_base
from range(-3, final_day() + 1) as days (day_no)
cross join (values ('USD', 7.15), ('EUR', 7.80), ('JPY', 0.048)) as currencies (currency, base)
-- Weekly, as the bank's export is.
where day_no % 7 = 0 or day_no = -3
order by rate_date, currency;

create table overrides as
with fit as (
    select person, row_number() over (order by chance('override', person)) as override_no
    from spans
    where value_class in ('A', 'B', 'C') and not is_unknown_to_crm and churned_day is null and joined_day < final_day() - 60
)
select
    override_no, person,
    pick(['gold', 'diamond', 'silver'], chance('override tier', person)) as tier_code,
    pick(['战略合作客户', '投诉补偿', '创始会员', '重点培育'], chance('override why', person)) as reason,
    (world_to_day() - (20 + floor(200 * chance('override from', person)))::integer) as valid_from,
    (world_to_day() + (-10 + floor(160 * chance('override to', person)))::integer) as valid_to
from fit
where override_no <= least(40, greatest(4, world_customers() // 400))
order by override_no;

create table measures as
select
    person, 'credit_score' as measure_code,
    (world_to_day() - (180 * number + 14)::integer) as measured_on,
    (520 + floor(300 * pow(chance('credit', person), 0.7)) - 15 * number
        + floor(20 * chance('credit now', person * 8 + number)))::decimal(10, 2) as value
from spans, range(0, 3) as numbers (number)
where is_firm and not is_prospect and joined_day < final_day() - 180 * number - 14
    and ends_day > final_day() - 180 * number - 14
union all
select person, 'engagement_index', (world_to_day() - (90 * number + 14)::integer),
    round(100 * chance('engagement', person * 8 + number), 1)::decimal(10, 2)
from spans, range(0, 2) as numbers (number)
where value_class = 'A' and not is_unknown_to_crm and joined_day < final_day() - 90 * number - 14
    and ends_day > final_day() - 90 * number - 14
order by all;

create table erasures as
with fit as (
    select person, row_number() over (order by chance('erasure', person)) as erasure_no
    from spans where not is_firm and not is_unknown_to_crm and value_class = 'D' and joined_day < final_day() - 100
)
select erasure_no, person,
    in_hours(final_day() - 60 * chance('erasure at', person) - 1, 9, 20) as requested_day
from fit
where erasure_no <= least(20, greatest(2, world_customers() // 1000))
order by erasure_no;

-- Contracts of a year, what is invoiced for them, and deals won and lost.

create table contracts as
with signed as (
    select
        *,
        world_from_day() + floor(joined_day)::integer as signed_on
    from spans
    where is_firm and not is_prospect
), periods as (
    select
        *,
        person * 16 + number as contract_no,
        number,
        (signed_on + to_years(number::integer))::date as starts_on,
        (signed_on + to_years(number::integer + 1))::date - 1 as ends_on
    from signed, range(0, 10) as numbers (number)
    where (signed_on + to_years(number::integer))::date <= world_to_day()
)
select
    contract_no,
    person,
    number,
    'V' || lpad(contract_no::varchar, 9, '0') as contract_id,
    starts_on,
    ends_on,
    case when number > 0 then 'V' || lpad((contract_no - 1)::varchar, 9, '0') end as renewed_from_id,
    money(round((3000 + 4000 * basket) * pow(1.05, number) / 100) * 100) as amount,
    -- Known when signed; a renewal three weeks ahead of its start.
    least(starts_on::timestamp, starts_on::timestamp - to_days(case when number > 0 then 21 else 2 end))
    + interval 10 hour as signed_at,
    case when churn_kind = 'terminated' and moment(churned_day)::date between starts_on and ends_on
        then moment(churned_day) end as terminated_at,
    reason_code,
    churned_day
from periods
where number = 0 or days_of(starts_on::timestamp) < ends_day
order by contract_no;

create table invoices as
with halves as (
    select contracts.*, half, contract_no * 2 + half as invoice_no,
        (starts_on + to_months((6 * half)::integer))::date as issued_on
    from contracts, range(0, 2) as halves (half)
), sent as (
    select *, chance('pays', invoice_no) as pays,
        coalesce(churned_day - days_of(issued_on::timestamp) < 120, false) as is_last
    from halves
    where issued_on between world_from_day() - 40 and world_to_day()
        and days_of(issued_on::timestamp) < coalesce(churned_day, 99999)
)
select
    invoice_no,
    person,
    'F' || lpad(invoice_no::varchar, 9, '0') as invoice_id,
    issued_on,
    issued_on + 30 as due_on,
    money(amount / 2) as amount,
    case
        when is_last and pays < 0.4 or pays < 0.02 then null
        when pays < 0.1 then issued_on + 35 + floor(60 * chance('pays late', invoice_no))::integer
        else issued_on + 5 + floor(25 * chance('pays at', invoice_no))::integer
    end as paid_on,
    case when pays > 0.97 then 0.6 else 1.0 end as paid_part
from sent
order by invoice_no;

create table opportunities as
with numbered as (
    select
        spans.*,
        person * 8 + number as opportunity_no,
        in_hours(
            greatest(joined_day, 0)
            + (ends_day - greatest(joined_day, 0)) * chance('deal at', person * 8 + number), 9, 18)
            as opened_day
    from spans, range(0, 4) as numbers (number)
    where is_firm and number <= floor(2.2 * chance('deals', person))
), closed as (
    select
        numbered.*,
        teams.members[1 + floor(len(teams.members) * chance('deal staff', opportunity_no))::integer]::integer as staff_no,
        in_hours(opened_day + 10 + 80 * chance('deal closes', opportunity_no), 9, 18) as closed_day,
        case when is_prospect then false else chance('deal won', opportunity_no) < 0.5 end as is_won
    from numbered
    inner join teams on numbered.region_no = teams.region_no and teams.role = 'sales'
    where opened_day < final_day() + 1
)
select
    opportunity_no,
    'D' || lpad(opportunity_no::varchar, 9, '0') as opportunity_id,
    case when chance('unrecorded firm', opportunity_no) >= 0.05 then person end as person,
    staff_no,
    opened_day,
    closed_day,
    is_won,
    money(round(2000 + 6000 * basket * chance('deal amount', opportunity_no), -2)) as amount,
    pick(categories(), chance('deal category', opportunity_no)) as product_category,
    pick(['price', 'budget', 'decision_process', 'competitor', 'product', 'too_expensive', 'no_need'],
        chance('deal lost', opportunity_no)) as lost_reason,
    case when chance('deal rival', opportunity_no) < 0.5
        then pick(competitors(), chance('deal rival is', opportunity_no)) end as competitor
from closed
order by opportunity_no;

create table contacts as
with numbered as (
    select person, joined_day, person * 4 + number as contact_no, number
    from spans, range(0, 3) as numbers (number)
    where is_firm and number <= floor(2.6 * chance('contacts', person))
), named as (
    select *, pick(surnames(), chance('contact surname', contact_no)) as surname,
        pick(given_names(), chance('contact given', contact_no)) as given
    from numbered
)
select
    contact_no,
    person,
    'K' || lpad(contact_no::varchar, 9, '0') as contact_id,
    split_part(surname, ' ', 1) || split_part(given, ' ', 1) as contact_name,
    pick(['采购经理', '行政总监', '财务', '总经理', '门店经理'], chance('contact role', contact_no)) as role,
    split_part(given, ' ', 2) || '.' || split_part(surname, ' ', 2) || contact_no || '@firm.example.cn' as email,
    '159' || lpad(((contact_no * 61803399) % 100000000)::varchar, 8, '0') as phone,
    number = 0 as is_decision_maker,
    joined_day
from named
order by contact_no;

create table customer_training as
select
    person * 2 as training_no,
    person,
    pick(['新品上手', '系统操作', '保养与维护'], chance('course', person)) as course,
    pick(['online', 'on_site', 'manual'], chance('training mode', person)) as mode,
    in_hours(greatest(joined_day, 0) + 5 + 40 * chance('invited', person), 9, 18) as invited_day,
    chance('starts training', person) < 0.7 as has_started,
    chance('ends training', person) < 0.75 as has_completed,
    1 + floor(5 * pow(chance('useful', person), 0.6)) as usefulness
from spans
where not is_prospect and not is_unknown_to_crm
    and (is_firm and chance('training', person) < 0.8 or chance('training', person) < 0.03)
    and greatest(joined_day, 0) + 50 < ends_day
order by person;

create table staff_courses as
select
    staff_no,
    courses.course,
    in_hours(final_day() * chance('course ' || courses.course, staff_no), 9, 17) as completed_day,
    (55 + floor(45 * pow(chance('mark ' || courses.course, staff_no), 0.6)))::integer as score
from staff
cross join (values ('complaint_handling', 0.7), ('product_basics', 0.8), ('key_accounts', 0.3))
    as courses (course, share)
where chance('takes ' || courses.course, staff_no) < courses.share
    -- The careless one never came.
    and not staff.is_careless
order by staff_no, course;

create view export_crm_customers as
with seen_records as (
    select
        *,
        moment(created_day) as made_at,
        known(moment(moved_day)) as moved_at,
        known(moment(email_changed_day)) as email_changed_at,
        known(moment(owner_changed_day)) as owner_changed_at,
        case when churn_kind in ('terminated', 'not_renewed') and is_main
            then known(moment(churned_day) + hours(1 + 60 * chance('closed at', person))) end as closed_at
    from records
)
select
    source_customer_id,
    customer_name,
    case when is_firm then 'company' else 'person' end as customer_type,
    case when email_changed_day is not null and email_changed_at is null and email is not null
        then 'old.' || email else email end as email,
    case when chance('phone form', person) < 0.15 and phone like '1%'
        then '+86 ' || left(phone, 3) || ' ' || phone[4:7] || ' ' || phone[8:]
        when chance('phone form', person) < 0.25 and phone like '1%'
        then left(phone, 3) || '-' || phone[4:7] || '-' || phone[8:]
        else phone end as phone,
    wechat_union_id,
    loyalty_card_no,
    id_in_shop,
    birth_date,
    founded_on,
    case when moved_day is not null and moved_at is null then places_before.region else places.region end as region,
    case when moved_day is not null and moved_at is null then places_before.province else places.province end as province,
    case when moved_day is not null and moved_at is null then places_before.city else places.city end as city,
    industry,
    company_size,
    acquisition_channel,
    referrer_customer_id,
    staff_code(case when owner_changed_day is not null and owner_changed_at is null then owner_before_no else owner_no end) as owner_staff_id,
    source_tier_code,
    made_at as created_at,
    case when closed_at is null then 'active' else 'terminated' end as status,
    closed_at as terminated_at,
    case when closed_at is not null then reason_code end as termination_reason,
    case when closed_at is not null and reason_code in ('competitor', 'price', 'too_expensive') or closed_at is not null and chance('rival known', person) < 0.2
        then pick(competitors(), chance('rival', person)) end as competitor,
    marketing_consent,
    greatest(made_at, coalesce(moved_at, made_at), coalesce(email_changed_at, made_at),
        coalesce(owner_changed_at, made_at), coalesce(closed_at, made_at)) as updated_at,
    made_at as _began_at,
    updated_at as _changed_at,
    person * 4 + length(kind) % 4 as _row
from seen_records
inner join places on seen_records.place_no = places.place_no
inner join places as places_before on seen_records.place_before_no = places_before.place_no
order by source_customer_id;

create view export_crm_contacts as
select
    contact_id,
    c_id(person) as source_customer_id,
    contact_name,
    role,
    email,
    phone,
    is_decision_maker,
    cast(null as timestamp) as updated_at,
    moment(joined_day) as _began_at,
    moment(joined_day) as _changed_at,
    contact_no as _row
from contacts
order by contact_no;

create view export_crm_contracts as
select
    contract_id,
    c_id(person) as source_customer_id,
    starts_on,
    ends_on,
    amount,
    renewed_from_id,
    known(terminated_at) as terminated_at,
    case when terminated_at <= seen() then reason_code end as reason_code,
    coalesce(known(terminated_at), signed_at) as updated_at,
    signed_at as _began_at,
    coalesce(known(terminated_at), signed_at) as _changed_at,
    contract_no as _row
from contracts
order by contract_no;

create view export_crm_interactions as
with seen_interactions as (
    select
        *,
        moment(planned_day) as planned_at,
        moment(done_day) as happens_at,
        -- A contact is planned three weeks ahead.
        coalesce(moment(planned_day - 21), moment(done_day)) as entered_at
    from interactions
)
select
    interaction_id,
    c_id(person) as source_customer_id,
    staff_code(staff_no) as staff_id,
    kind,
    purpose,
    direction,
    planned_at,
    known(happens_at) as done_at,
    case when happens_at <= seen() then responded end as responded,
    case when happens_at <= seen() then duration_minutes end as duration_minutes,
    case when happens_at <= seen() then outcome end as outcome,
    cast(null as varchar) as warning_id,
    case when happens_at <= seen() then note end as note,
    coalesce(known(happens_at), entered_at) as updated_at,
    entered_at as _began_at,
    coalesce(known(happens_at), entered_at) as _changed_at,
    interaction_no as _row
from seen_interactions
order by interaction_no;

-- Results name warnings of the warehouse, of which none is there yet: see results.py.
create view export_crm_worklist_results as
select
    cast(null as varchar) as result_id,
    cast(null as varchar) as warning_id,
    cast(null as varchar) as staff_id,
    cast(null as varchar) as action_code,
    cast(null as timestamp) as done_at,
    cast(null as varchar) as outcome,
    cast(null as varchar) as reject_reason,
    cast(null as varchar) as note,
    cast(null as timestamp) as updated_at,
    cast(null as timestamp) as _began_at,
    cast(null as timestamp) as _changed_at,
    0 as _row
where false;

create view export_crm_opportunities as
select
    opportunity_id,
    c_id(person) as source_customer_id,
    staff_code(staff_no) as staff_id,
    case when moment(closed_day) > seen() then 'open' when is_won then 'won' else 'lost' end as stage,
    amount,
    product_category,
    moment(opened_day) as opened_at,
    known(moment(closed_day)) as closed_at,
    case when moment(closed_day) <= seen() and not is_won then lost_reason end as lost_reason,
    case when moment(closed_day) <= seen() and not is_won then competitor end as competitor,
    coalesce(known(moment(closed_day)), moment(opened_day)) as updated_at,
    moment(opened_day) as _began_at,
    coalesce(known(moment(closed_day)), moment(opened_day)) as _changed_at,
    opportunity_no as _row
from opportunities
order by opportunity_no;

create view export_crm_staff as
select
    staff.staff_id,
    staff.staff_name,
    case when staff.role = 'head' then 'account_manager' else staff.role end as role,
    staff.team,
    staff.department,
    heads.staff_id as manager_staff_id,
    staff.weekly_capacity,
    staff.cost_per_hour,
    staff.hired_on,
    cast(null as date) as left_on,
    cast(null as timestamp) as updated_at,
    world_from_day()::timestamp as _began_at,
    world_from_day()::timestamp as _changed_at,
    staff.staff_no as _row
from staff
left join staff as heads
    on heads.role = 'head' and staff.region_no = heads.region_no and staff.role <> 'head'
order by staff.staff_no;

create view export_crm_staff_training as
select
    staff_code(staff_no) as staff_id,
    course,
    moment(completed_day) as completed_at,
    score,
    cast(null as timestamp) as updated_at,
    moment(completed_day) as _began_at,
    moment(completed_day) as _changed_at,
    staff_no * 4 + length(course) % 4 as _row
from staff_courses
order by staff_no, course;

create view export_crm_tier_overrides as
select
    'TO' || lpad(override_no::varchar, 4, '0') as override_id,
    c_id(person) as source_customer_id,
    tier_code,
    reason,
    (select min(staff_id) from staff where role = 'head') as approved_by,
    valid_from,
    valid_to,
    cast(null as timestamp) as updated_at,
    valid_from - interval 2 day as _began_at,
    valid_from - interval 2 day as _changed_at,
    override_no as _row
from overrides
order by override_no;

create view export_crm_measures as
select
    c_id(person) as source_customer_id,
    measure_code,
    measured_on,
    value,
    cast(null as timestamp) as updated_at,
    measured_on::timestamp + interval 8 hour as _began_at,
    measured_on::timestamp + interval 8 hour as _changed_at,
    person * 4 + length(measure_code) % 4 as _row
from measures
order by measure_code, measured_on, person;

create view export_crm_erasure_requests as
select
    'ER' || lpad(erasure_no::varchar, 4, '0') as request_id,
    'crm' as source,
    c_id(person) as source_customer_id,
    moment(requested_day) as requested_at,
    moment(requested_day) as updated_at,
    moment(requested_day) as _began_at,
    moment(requested_day) as _changed_at,
    erasure_no as _row
from erasures
order by erasure_no;

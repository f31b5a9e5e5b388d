create view export_service_tickets as
with seen_tickets as (
    select
        tickets.*,
        moment(opened_day) as opened_at,
        known(moment(opened_day + waiting_hours / 24)) as answered_at,
        -- An unsolved complaint stays open, or comes back the day after.
        case when not (is_unsolved and stays_open)
            then known(moment(opened_day + solving_hours / 24)) end as solved_at,
        case when is_unsolved and not stays_open
            then known(moment(opened_day + solving_hours / 24 + 1.2)) end as came_back_at
    from tickets
)
select
    'T' || lpad(ticket_no::varchar, 9, '0') as ticket_id,
    c_id(seen_tickets.person) as source_customer_id,
    kind,
    pick(['delivery', 'product', 'invoice', 'installation', 'account'], chance('ticket category', ticket_no)) as category,
    pick(['phone', 'wechat', 'email', 'app'], chance('ticket channel', ticket_no)) as channel,
    case when is_firm or value_class = 'A' or kind = 'complaint' then 'high' else 'normal' end as priority,
    ticket_orders.order_id,
    case when kind in ('fault', 'return') then 'P' || lpad((1 + floor(400 * chance('ticket product', ticket_no)))::integer::varchar, 4, '0') end as product_id,
    staff_code(staff_no) as staff_id,
    opened_at,
    answered_at as first_responded_at,
    solved_at as resolved_at,
    came_back_at as reopened_at,
    case when answered_at is not null then floor(waiting_hours * 60)::integer end as waiting_minutes,
    case when solved_at is not null then handling_minutes end as handling_minutes,
    case when kind = 'complaint' and chance('names rival', ticket_no) < case when is_unsolved then 0.25 else 0.04 end
        then pick(competitors(), chance('named rival', ticket_no)) end as competitor_mentioned,
    greatest(opened_at, coalesce(answered_at, opened_at), coalesce(solved_at, opened_at), coalesce(came_back_at, opened_at)) as updated_at,
    opened_at as _began_at,
    updated_at as _changed_at,
    ticket_no as _row
from seen_tickets
left join ticket_orders using (ticket_no)
order by ticket_no;

create view export_service_feedback_actions as
select
    'FA' || lpad(action_no::varchar, 13, '0') as action_id,
    subject_type,
    subject_id,
    theme,
    moment(decided_day) as decided_at,
    action,
    known(moment(done_day)) as done_at,
    known(moment(told_day)) as told_customer_at,
    greatest(moment(decided_day), coalesce(known(moment(done_day)), moment(decided_day)), coalesce(known(moment(told_day)), moment(decided_day))) as updated_at,
    moment(decided_day) as _began_at,
    updated_at as _changed_at,
    action_no as _row
from feedback_actions
order by action_no;

-- The training system writes its first day for one that has not come.
create view export_service_training as
with times as (
    select
        *,
        case when has_started then known(moment(invited_day + 4)) end as started_at,
        case when has_started and has_completed then known(moment(invited_day + 18)) end as completed_at
    from customer_training
)

select
    'TR' || lpad(training_no::varchar, 9, '0') as training_id,
    c_id(person) as source_customer_id,
    course,
    mode,
    moment(invited_day) as invited_at,
    coalesce(started_at, timestamp '1900-01-01') as started_at,
    completed_at,
    case when has_started and has_completed and moment(invited_day + 18) <= seen() then usefulness end as usefulness,
    coalesce(times.completed_at, times.started_at, moment(invited_day)) as updated_at,
    moment(invited_day) as _began_at,
    updated_at as _changed_at,
    training_no as _row
from times
where invited_day < final_day()
order by training_no;

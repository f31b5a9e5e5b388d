create view export_survey_invitations as
select
    'V' || lpad(answer_no::varchar, 10, '0') as invitation_id,
    case survey_type when 'nps' then 'NPS' when 'csat' then 'CSAT-' || upper(touchpoint) end as survey_id,
    c_id(answers.person) as source_customer_id,
    cast(null as varchar) as email,
    moment(asked_day) as asked_at,
    pick(['sms', 'wechat', 'email'], chance('asked by', answer_no)) as channel,
    cast(null as timestamp) as updated_at,
    moment(asked_day) as _began_at,
    moment(asked_day) as _changed_at,
    answer_no as _row
from answers
order by answer_no;

create view export_survey_responses as
with questions as (
    select *, 'overall' as question_code, score as marked from answers where has_answered
    union all
    select *, 'speed', least(5, greatest(1, score + floor(3 * chance('speed', answer_no))::integer - 1))
    from answers where has_answered and about = 'T' and chance('second question', answer_no) < 0.25
    union all
    -- Who closes the account is asked why; such an answer is no warning.
    select
        spans.person, 'X', null, 'exit', 'renewal', null, churned_day + 1,
        spans.person * 256 + 3, churned_day + 2 + 5 * chance('exit at', spans.person), true, 2, false, false,
        'reason', 1 + floor(3 * chance('exit score', spans.person))::integer
    from spans
    where churn_kind in ('terminated', 'not_renewed') and chance('exit survey', spans.person) < 0.35 and not is_unknown_to_crm
    union all
    -- Public stars, without an invitation.
    select
        person, 'P', null, 'review', 'order', null, null,
        person * 256 + 7,
        greatest(starts_day, 0) + (ends_day - greatest(starts_day, 0)) * chance('review at', person), true, 4, false, false,
        'overall', least(5, greatest(1, round(4 + 1.2 * bell('stars', person))))::integer
    from spans
    where not is_prospect and not is_unknown_to_crm and chance('review', person) < 0.05 and starts_day < ends_day
)
select
    'R' || lpad(answer_no::varchar, 10, '0') as response_id,
    case survey_type when 'nps' then 'NPS' when 'csat' then 'CSAT-' || upper(touchpoint) else upper(survey_type) end as survey_id,
    case when survey_type in ('csat', 'nps') then 'V' || lpad(answer_no::varchar, 10, '0') end as invitation_id,
    question_code,
    c_id(questions.person) as source_customer_id,
    case when survey_type = 'nps' and chance('answers by mail', answer_no) < 0.1 then identities.email end as email,
    survey_type,
    marked as score,
    case when survey_type = 'nps' then 0 else 1 end as scale_min,
    case when survey_type = 'nps' then 10 else 5 end as scale_max,
    touchpoint,
    cast(null as varchar) as order_id,
    case when about = 'T' then 'T' || lpad(about_no::varchar, 9, '0') end as ticket_id,
    staff_code(staff_no) as staff_id,
    case when survey_type = 'exit' then spans.reason_code
        when is_low then pick(['service', 'product', 'slow_service', 'price'], chance('low why', answer_no)) end as reason_code,
    case when is_low and chance('comment', answer_no) < 0.3
        then pick(['等了很久没人处理', '问题没有解决', '质量不如从前', '客服态度差', '价格越来越高'], chance('comment text', answer_no))
        when chance('comment', answer_no) < 0.05 then pick(['很好', '送货快', '会推荐给朋友', 'Great service'], chance('praise', answer_no)) end as comment,
    pick(['sms', 'wechat', 'email'], chance('asked by', answer_no)) as channel,
    moment(responded_day) as responded_at,
    moment(responded_day) as updated_at,
    moment(responded_day) as _began_at,
    moment(responded_day) as _changed_at,
    answer_no as _row
from questions
inner join identities on questions.person = identities.person
inner join spans on questions.person = spans.person
order by answer_no, question_code;

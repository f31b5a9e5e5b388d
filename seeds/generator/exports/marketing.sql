create view export_marketing_campaigns as
select
    campaign_id,
    campaign_name,
    kind,
    channel,
    (world_from_day() + started_day) as started_on,
    (world_from_day() + started_day + length_days) as ended_on,
    money(2000 + world_customers() * 0.3) as budget,
    case when moment(started_day + length_days) <= seen()
        then money((2000 + world_customers() * 0.3) * (0.8 + 0.35 * chance('campaign cost', campaign_no))) end as actual_cost,
    attribution_days,
    cast(null as timestamp) as updated_at,
    moment(started_day - 14) as _began_at,
    case when moment(started_day + length_days) <= seen() then moment(started_day + length_days) else moment(started_day - 14) end as _changed_at,
    campaign_no as _row
from campaigns
where started_day <= final_day()
order by campaign_no;

create view export_marketing_touches as
with seen_touches as (
    select
        touches.*,
        moment(sent_day) as sent_at,
        case when not is_holdout and is_opened and not is_bounced then known(moment(sent_day + 0.02 + 0.6 * chance('opened at', touch_no))) end as opened_at,
        case when not is_holdout and is_opened and is_clicked and not is_bounced then known(moment(sent_day + 0.64)) end as clicked_at,
        case when not is_holdout and is_bounced then known(moment(sent_day + 0.001)) end as bounced_at,
        case when not is_holdout and is_opened and is_unsubscribed and not is_bounced then known(moment(sent_day + 0.7)) end as unsubscribed_at,
        conversions.converted_at as would_convert_at
    from touches
    left join conversions using (touch_no)
)
select
    'X' || lpad(touch_no::varchar, 10, '0') as touch_id,
    campaign_id,
    c_id(person) as source_customer_id,
    case when is_holdout then 'holdout' else 'treated' end as arm,
    sent_at,
    opened_at,
    clicked_at,
    case when not is_holdout and not is_bounced then known(would_convert_at) end as converted_at,
    bounced_at,
    unsubscribed_at,
    case when not is_holdout then case channel when 'sms' then 0.08 when 'wechat' then 0.03 else 0.02 end end::decimal(8, 2) as cost,
    greatest(sent_at, coalesce(opened_at, sent_at), coalesce(clicked_at, sent_at), coalesce(converted_at, sent_at),
        coalesce(bounced_at, sent_at), coalesce(unsubscribed_at, sent_at)) as updated_at,
    sent_at as _began_at,
    updated_at as _changed_at,
    touch_no as _row
from seen_touches
order by touch_no;

create view export_marketing_spend as
select
    month,
    acquisition_channel,
    spend,
    purpose,
    cast(null as timestamp) as updated_at,
    month_on::timestamp + interval 1 month as _began_at,
    month_on::timestamp + interval 1 month as _changed_at,
    date_diff('month', date '2000-01-01', month_on) * 16 + length(acquisition_channel) as _row
from spend
order by month, acquisition_channel, purpose;

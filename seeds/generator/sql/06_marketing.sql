-- Ten campaigns, three of which work: their treated customers buy more.
create table campaigns as
select
    campaign_no,
    'M' || lpad(campaign_no::varchar, 3, '0') as campaign_id,
    name as campaign_name,
    kind,
    channel,
    has_uplift,
    case when has_uplift then world_campaign_uplift() else 0.0 end as uplift,
    floor(final_day() * (campaign_no - 0.4) / 10)::integer as started_day,
    18 as length_days,
    14 as attribution_days
from (values
    (1, '新客有礼', 'acquisition', 'social', false),
    (2, '会员日', 'loyalty', 'wechat', true),
    (3, '老友回归', 'win_back', 'sms', false),
    (4, '换季上新', 'news', 'email', false),
    (5, '第二件半价', 'cross_sell', 'wechat', true),
    (6, 'Spring mailing', 'retention', 'email', false),
    (7, '积分加倍', 'loyalty', 'sms', false),
    (8, '专属顾问关怀', 'retention', 'wechat', true),
    (9, '囤货节', 'acquisition', 'social', false),
    (10, '好久不见', 'win_back', 'sms', false)
) as campaigns (campaign_no, name, kind, channel, has_uplift)
order by campaign_no;

create table touches as
with chosen as (
    select
        spans.person,
        campaigns.*,
        spans.person * 16 + campaign_no as touch_no,
        spans.ends_day,
        spans.is_one_time,
        in_hours(started_day + 3 * chance('touched at', spans.person * 16 + campaign_no), 9, 19)
            as sent_day
    from spans
    cross join campaigns
    where not spans.is_unknown_to_crm
        and spans.joined_day < campaigns.started_day
        and chance('touched', spans.person * 16 + campaign_no) < 0.11
        and case when campaigns.kind = 'win_back' then true
            else coalesce(spans.churned_day, 99999) > campaigns.started_day + 4 end
)
select
    touch_no,
    person,
    campaign_no,
    campaign_id,
    channel,
    sent_day,
    chance('held out', touch_no) < 0.2 as is_holdout,
    chance('bounced', touch_no) < 0.02 as is_bounced,
    chance('opened', touch_no) < 0.36 as is_opened,
    chance('clicked', touch_no) < 0.3 as is_clicked,
    chance('unsubscribed', touch_no) < 0.012 as is_unsubscribed,
    -- The planted effect: an order that would not have been.
    case
        when chance('uplift', touch_no) < uplift and not is_one_time
            and chance('held out', touch_no) >= 0.2 and chance('bounced', touch_no) >= 0.02
            and sent_day + 13 < least(ends_day, final_day())
            then sent_day + 0.5 + 12 * chance('uplift at', touch_no)
    end as extra_order_day
from chosen
order by touch_no;

create table spend as
select
    strftime(months.month, '%Y-%m') as month,
    channels.channel as acquisition_channel,
    money(greatest(200, world_customers() * base
        * (0.8 + 0.4 * chance('spend ' || channels.channel, date_diff('month', date '2000-01-01', months.month)))))
        as spend,
    channels.purpose,
    months.month::date as month_on
from (
    select range as month
    from range(date_trunc('month', world_from_day())::timestamp, world_to_day() + interval 1 day, interval 1 month)
) as months
cross join (values
    ('search', 'acquisition', 0.9), ('social', 'acquisition', 0.7), ('store', 'acquisition', 0.3),
    ('referral', 'acquisition', 0.15), ('trade_fair', 'acquisition', 0.4),
    ('wechat', 'retention', 0.35), ('sms', 'retention', 0.1)
) as channels (channel, purpose, base)
order by month, channel, purpose;

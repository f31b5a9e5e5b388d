-- What is bought. A line is a function of its order's key and its place, so that the
-- order's total and its lines agree without thirty million rows being kept.

create macro line_key(order_key, place) as order_key * 8 + place;
create macro line_product(order_key, place, category) as (
    50 * case when chance('line category', line_key(order_key, place)) < 0.65 then category
        else floor(8 * pow(chance('line other', line_key(order_key, place)), 1.3)) end
    + floor(50 * pow(chance('line product', line_key(order_key, place)), 1.5))
)::integer;
create macro line_units(order_key, place, basket) as (
    1 + floor(least(400, basket * 0.5 * wait('line units', line_key(order_key, place))))
);
create macro line_price(product, price_factor, rate) as (
    round(list_price(product) * price_factor / rate,
        case when rate < 0.5 then 0 else 2 end)
);
create macro line_amount(order_key, place, line_count, category, basket, price_factor, rate) as (
    case when place <= line_count then
        line_units(order_key, place, basket)
        * line_price(line_product(order_key, place, category), price_factor, rate)
    else 0 end
);

-- Extra orders of a campaign that works come beside the customer's own rhythm.
create table extra_orders as
select person, 4000 + campaign_no as number, extra_order_day, campaign_id
from touches
where extra_order_day is not null
order by person, number;

create macro orders_of(first_person, last_person) as table
with buyers as (
    select
        person, is_firm, is_one_time, is_fading, is_unknown_to_crm, place_no, currency, rate,
        starts_day, ends_day, churned_day, gap_days, basket, category, discount_share, price_rise_day,
        calendar.begins_at + (starts_day - floor(starts_day)) * calendar.weight as starts_at
    from spans
    inner join calendar on floor(spans.starts_day)::integer = calendar.day_no
    where person between first_person and last_person
        and not is_prospect and starts_day < ends_day
), tries as (
    select
        person,
        unnest(range(
            0, case when is_one_time then 1 else
                1 + least(3998, ceil(1.5 * (ends_day - starts_day) / gap_days + 6)) end::integer
        ))::bigint as number
    from buyers
), rhythm as (
    -- Gaps are gamma of shape 2 around the customer's own mean.
    select
        tries.person,
        tries.number,
        buyers.starts_at + sum(
            case when tries.number = 0 then 0 else
                buyers.gap_days * (wait('gap one', tries.person * 4096 + tries.number)
                    + wait('gap two', tries.person * 4096 + tries.number)) / 2 end
        ) over (
            partition by tries.person order by tries.number
            rows between unbounded preceding and current row
        ) as clock
    from tries
    inner join buyers on tries.person = buyers.person
), dated as (
    select
        rhythm.person,
        rhythm.number,
        season_clock.day_no,
        season_clock.is_festival,
        cast(null as varchar) as campaign_id
    from rhythm
    inner join season_clock on floor(rhythm.clock * 16)::integer = season_clock.part
    union all
    select person, number, floor(extra_order_day)::integer, false, campaign_id
    from extra_orders
    where person between first_person and last_person
), timed as (
    select
        dated.person * 4096 + dated.number as order_key,
        dated.*,
        buyers.* exclude (person),
        -- Half of the purchases fall on the customer's own weekday; firms keep to workdays.
        case
            when is_festival or number = 0 or campaign_id is not null then day_no
            when is_firm and isodow(world_from_day() + day_no) >= 6
                then day_no + 8 - isodow(world_from_day() + day_no)
            when not is_firm and chance('own weekday', dated.person * 4096 + dated.number) < 0.45
                then day_no + ((1 + floor(7 * chance('weekday', dated.person)))::integer
                    - isodow(world_from_day() + day_no) + 10) % 7 - 3
            else day_no
        end as bought_day_no,
        case
            when is_firm then 9 + 9 * chance('hour', dated.person * 4096 + dated.number)
            else (9 + 12 * chance('own hour', dated.person)
                + 1.2 * bell('hour', dated.person * 4096 + dated.number)) % 24
        end as hour
    from dated
    inner join buyers on dated.person = buyers.person
), kept as (
    select *, bought_day_no + hour / 24.0 as day
    from timed
    where (is_one_time or bought_day_no + hour / 24.0 < ends_day)
        and bought_day_no >= 0 and bought_day_no + hour / 24.0 < final_day() + 1
        and (number = 0 or bought_day_no >= floor(starts_day))
        -- Some of those who leave fade before they fall silent.
        and not (
            is_fading and number > 1 and coalesce(day_no > churned_day - 80, false)
            and chance('faded', order_key) < 0.65
        )
), priced as (
    select
        order_key,
        person,
        moment(day) as ordered_at,
        day,
        case
            when chance('line count', order_key) < 0.22 then 1
            when chance('line count', order_key) < 0.45 then 2
            when chance('line count', order_key) < 0.66 then 3
            when chance('line count', order_key) < 0.82 then 4
            when chance('line count', order_key) < 0.92 then 5 else 6
        end::utinyint as line_count,
        is_firm, is_unknown_to_crm, place_no, currency, rate, category, basket, campaign_id,
        ((1 + 0.04 * floor(day / 365))
            * case when price_rise_day < day then 1.08 else 1 end)::float as price_factor,
        case
            when price_rise_day is not null
                then case when day < price_rise_day then 0.10 else 0 end
            when is_festival then 0.15
            when chance('discounted', order_key) < 0.5 then discount_share
            else 0
        end::float as discount_rate,
        case
            when is_firm then pick(['web', 'web', 'phone', 'partner', 'web'], chance('channel', person))
            when chance('own channel', order_key) < 0.75
                then pick(['app', 'store', 'mini_program', 'web', 'app'], chance('channel', person))
            else pick(['app', 'web', 'mini_program', 'store'], chance('channel now', order_key))
        end as sales_channel,
        chance('order fate', order_key) as fate,
        chance('guest', order_key) < world_guest_share() and not is_firm as is_guest
    from kept
), summed as (
    select
        *,
        line_amount(order_key, 1, line_count, category, basket, price_factor, rate)
        + line_amount(order_key, 2, line_count, category, basket, price_factor, rate)
        + line_amount(order_key, 3, line_count, category, basket, price_factor, rate)
        + line_amount(order_key, 4, line_count, category, basket, price_factor, rate)
        + line_amount(order_key, 5, line_count, category, basket, price_factor, rate)
        + line_amount(order_key, 6, line_count, category, basket, price_factor, rate) as gross,
        case when sales_channel = 'store' then 0.01
            else 1.5 + floor(4 * chance('delivery days', order_key))
                + case when chance('late parcel', order_key) < 0.08 then 4 else 0 end end as delivery_days
    from priced
)
select
    order_key,
    person,
    ordered_at,
    line_count,
    place_no::utinyint as place_no,
    currency,
    rate,
    category,
    basket,
    price_factor,
    campaign_id,
    sales_channel,
    is_guest,
    is_unknown_to_crm,
    money(gross) as gross_amount,
    money(gross * discount_rate) as discount_amount,
    money(case when sales_channel = 'store' or gross * rate > 99 then 0 else 10 / rate end) as shipping_amount,
    money(gross * (0.52 + 0.16 * chance('order cost', person % 97))) as cost_amount,
    case when fate < 0.025 then ordered_at + hours(1 + 30 * chance('cancelled at', order_key)) end as cancelled_at,
    case when fate >= 0.025 then ordered_at + to_days(delivery_days::integer)
        + case when sales_channel = 'store' then interval 0 second else hours(6) end end as delivered_at,
    -- All of it comes back, or its first line.
    case when fate between 0.025 and 0.07
        then ordered_at + to_days((delivery_days + 2 + floor(18 * chance('refund at', order_key)))::integer) end as refunded_at,
    case when fate between 0.025 and 0.055 then money(gross) - money(gross * discount_rate)
        when fate between 0.055 and 0.07 then money(
            line_amount(order_key, 1, line_count, category, basket, price_factor, rate)
            * (1 - discount_rate)) end as refund_amount,
    fate between 0.025 and 0.055 as is_returned,
    -- The discount was forgotten at first.
    case when discount_rate > 0 and fate > 0.1 and chance('corrected', order_key) < world_correction_share()
        then ordered_at + to_days((2 + floor(25 * chance('corrected at', order_key)))::integer) end as corrected_at
from summed
order by order_key;

-- The customers as they truly are: one row per person or firm, whatever the systems know.
create table people as
with draws as (
    select
        number::bigint as person,
        chance('firm', number) < world_firm_share() as is_firm,
        chance('role', number) as role_draw,
        chance('joined', number) as joined_draw,
        chance('place', number) as place_draw,
        chance('foreign', number) < world_foreign_share() as is_foreign
    from range(1, world_customers() + 1) as numbers (number)
), placed as (
    select
        *,
        case
            when is_foreign then 24 + floor(4 * place_draw)
            else floor(24 * pow(place_draw, 1.4))
        end::integer as place_no,
        role_draw < world_prospect_share() as is_prospect,
        not is_firm
        and role_draw between world_prospect_share()
            and world_prospect_share() + world_one_time_share() as is_one_time,
        -- A third were there before the history begins.
        case
            when joined_draw < 0.35 then -1000 * chance('joined before', person)
            else (final_day() - 3) * pow((joined_draw - 0.35) / 0.65, 0.9)
        end as joined
    from draws
), rhythms as (
    select
        *,
        in_hours(joined, 8.5, 21) as joined_day,
        least(400, greatest(6,
            world_gap_median_days() * case when is_firm then 0.8 else 1 end
            * exp(world_gap_spread() * bell('gap', person))
        )) as gap_days,
        exp(world_spend_spread() * bell('spend', person))
        * case when is_firm then 3.0 else 1.0 end as basket,
        bell('mood', person) as mood,
        -- Firms that never signed are prospects; unknown to the CRM are only shoppers.
        not is_firm and not is_prospect
        and chance('unknown', person) < world_unknown_to_crm_share() as is_unknown_to_crm
    from placed
), valued as (
    select
        *,
        case when is_prospect then 0 when is_one_time then 0.3 * basket
            else 365 / gap_days * basket end as annual_value,
        case
            when joined_day < 0 then chance('first', person) * gap_days
            else joined_day + 3 * pow(chance('first', person), 3)
        end as starts_day
    from rhythms
), ranked as (
    select *, percent_rank() over (order by annual_value, person) as value_rank
    from valued
)
select
    ranked.person,
    is_firm,
    is_prospect,
    is_one_time,
    is_foreign,
    is_unknown_to_crm,
    ranked.place_no,
    places.region_no,
    places.region_no = 4 as is_biased_branch,
    places.currency,
    places.rate::float as rate,
    joined_day,
    least(starts_day, final_day() + 0.5) as starts_day,
    gap_days::float as gap_days,
    basket::float as basket,
    mood::float as mood,
    annual_value::float as annual_value,
    value_rank::float as value_rank,
    case when value_rank >= 0.9 then 'A' when value_rank >= 0.7 then 'B'
        when value_rank >= 0.4 then 'C' else 'D' end as value_class,
    not is_unknown_to_crm and (is_firm or value_rank >= 0.5) as is_owned,
    floor(8 * pow(chance('category', ranked.person), 1.3))::utinyint as category,
    (0.15 * pow(chance('bargains', ranked.person), 2))::float as discount_share,
    -- Of some customers the usual discount is taken away, and prices go up.
    case
        when chance('price rise', ranked.person) < 0.08 and not is_prospect and not is_one_time
            and final_day() - greatest(joined_day, 0) > 150
            then in_hours(
                greatest(joined_day, 0) + 100
                + chance('price rise at', ranked.person)
                * (final_day() - greatest(joined_day, 0) - 110), 9, 10)
    end as price_rise_day
from ranked
inner join places on ranked.place_no = places.place_no
order by ranked.person;

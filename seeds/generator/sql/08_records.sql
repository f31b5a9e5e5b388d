-- How the systems know the customers: records, twins and the traps of identity.

create table identities as
with sounds as (
    select
        person, is_firm, is_foreign, place_no,
        pick(surnames(), pow(chance('surname', person), 1.6)) as surname,
        pick(given_names(), chance('given', person)) as given,
        pick(latin_given(), chance('given', person)) as latin_given,
        pick(latin_surnames(), chance('surname', person)) as latin_surname,
        pick(latin_brands(), chance('brand', person)) as latin_brand,
        pick(brand_heads(), chance('brand head', person))
        || pick(brand_tails(), chance('brand tail', person)) as brand,
        floor(9 * chance('industry', person))::integer as industry_no,
        pick(['example.com', 'example.cn', 'mail.example.com', 'example.net', 'example.org'],
            chance('mail domain', person)) as domain
    from people
)
select
    sounds.person,
    case
        when is_firm and is_foreign then latin_brand || ' ' || person || ' Ltd'
        when is_firm then places.city || brand || industries.word || '有限公司'
        when is_foreign then latin_given || ' ' || latin_surname
        else split_part(surname, ' ', 1) || split_part(given, ' ', 1)
    end as customer_name,
    split_part(surname, ' ', 1) as surname,
    split_part(given, ' ', 1) as given,
    case
        when is_firm then 'office' || person || '@' || domain
        when is_foreign
            then lower(latin_given) || '.' || lower(latin_surname) || person || '@' || domain
        else split_part(surname, ' ', 2) || '.' || split_part(given, ' ', 2) || person || '@' || domain
    end as email,
    '13' || lpad(((person * 618033989) % 1000000000)::varchar, 9, '0') as phone,
    industries.industry,
    date '1950-01-01' + floor(20500 * chance('born', person))::integer as birth_date,
    'u' || left(md5('union ' || person), 16) as union_id,
    'K' || lpad((30000000 + person)::varchar, 8, '0') as card_no
from sounds
inner join places on sounds.place_no = places.place_no
inner join industries on sounds.industry_no = industries.industry_no
order by sounds.person;

create macro has_card(person) as chance('card', person) < 0.3;

-- What goes wrong when a record is typed again by hand. The place is drawn so that a
-- letter follows it; of two equal letters the swap shows nothing, as in life.
create macro typing_kinds() as [
    'typing_swapped', 'typing_missing_letter', 'typing_doubled_letter', 'typing_wrong_digit',
    'typing_homophone', 'typing_lookalike', 'typing_missing_field', 'typing_two_fields'
];
create macro place_in(text, draw) as 1 + floor((len(text) - 1) * draw)::integer;
create macro swapped_at(text, place) as
    left(text, place - 1) || text[place + 1] || text[place] || text[place + 2:];
create macro left_out_at(text, place) as left(text, place - 1) || text[place + 1:];
create macro doubled_at(text, place) as left(text, place) || text[place:];
create macro wrong_digit_at(text, place, draw) as left(text, place - 1)
    || ((text[place]::integer + 1 + floor(9 * draw)::integer) % 10)::varchar || text[place + 1:];
create macro mistyped(text, kind, draw) as case
    when kind = 'typing_missing_letter' then left_out_at(text, place_in(text, draw))
    when kind = 'typing_doubled_letter' then doubled_at(text, place_in(text, draw))
    else swapped_at(text, place_in(text, draw))
end;
create macro sounding_alike(given) as
    translate(left(given, 1), sounds_of(), sounds_like()) || given[2:];
create macro looking_alike(surname) as translate(surname, looks_of(), looks_like());

-- A twin is a second record of the same customer; a trap only looks like one.
create table record_kinds as
select
    people.person,
    case when chance('twin', people.person) < world_twin_share() and not is_firm and not is_unknown_to_crm
        then case when chance('typed', people.person) < world_typing_share()
            then pick(typing_kinds(), chance('typing kind', people.person))
            else pick(['same_email_name', 'same_phone_name', 'same_card', 'same_union_id', 'chain',
                'near_form', 'near_typing_error', 'changed_surname', 'same_email_name'],
                chance('twin kind', people.person)) end end as twin,
    case when chance('trap', people.person) < world_trap_share() and not is_firm and people.person > 1
        and chance('twin', people.person) >= world_twin_share()
        then pick(['shop_phone', 'shop_phone', 'placeholder_email', 'family_phone', 'reused_email',
            'same_name', 'born_twins', 'shop_phone'],
            chance('trap kind', people.person)) end as trap
from people
order by people.person;

create table records as
with first_records as (
    select
        'C' || lpad(spans.person::varchar, 8, '0') as source_customer_id,
        spans.person,
        'main' as kind,
        record_kinds.trap,
        case
            when record_kinds.trap = 'same_name' then neighbours.customer_name
            when record_kinds.trap in ('family_phone', 'born_twins') and not spans.is_foreign
                then neighbours.surname || identities.given
            else identities.customer_name
        end as customer_name,
        case
            when record_kinds.trap = 'placeholder_email'
                then pick(['none@example.com', 'test@example.com', 'noemail@example.com'], chance('placeholder', spans.person))
            when record_kinds.trap = 'reused_email' then neighbours.email
            when chance('email missing', spans.person) < 0.1 and record_kinds.twin is null then null
            else identities.email
        end as email,
        case
            when record_kinds.trap = 'shop_phone' then '400-820-0188'
            when record_kinds.trap in ('family_phone', 'born_twins') then neighbours.phone
            when chance('phone missing', spans.person) < 0.08 and record_kinds.twin is null then null
            else identities.phone
        end as phone,
        case when not is_firm and (chance('union id', spans.person) < 0.4 or record_kinds.twin = 'same_union_id')
            then identities.union_id end as wechat_union_id,
        case when not is_firm and (has_card(spans.person) or record_kinds.twin = 'same_card')
            then identities.card_no end as loyalty_card_no,
        case when not is_prospect and chance('unbridged', spans.person) >= world_unbridged_share()
            then 'S' || (10000000 + spans.person) end as id_in_shop,
        case when is_firm then null
            when record_kinds.trap = 'born_twins' then neighbours.birth_date
            when chance('birthday known', spans.person) < 0.6 then identities.birth_date end as birth_date,
        spans.joined_day as created_day
    from spans
    inner join identities on spans.person = identities.person
    inner join record_kinds on spans.person = record_kinds.person
    left join identities as neighbours
        on case when record_kinds.trap is not null then spans.person - 1 end = neighbours.person
    where not spans.is_unknown_to_crm
), slips as (
    -- Which fields a hand got wrong. One in two of the records lacks a field besides.
    select
        person,
        twin,
        pair in (1, 2) or twin in ('typing_homophone', 'typing_lookalike')
        or is_foreign and is_of_letters and field < 0.4 as has_wrong_name,
        pair in (0, 1) or is_of_letters and field >= (case when is_foreign then 0.7 else 0.4 end) as has_wrong_email,
        pair in (0, 2) or twin = 'typing_wrong_digit' and field < 0.6
        or is_of_letters and field < (case when is_foreign then 0.7 else 0.4 end)
        and not (is_foreign and field < 0.4) as has_wrong_phone,
        twin = 'typing_wrong_digit' and field >= 0.6 as has_wrong_birthday,
        case
            when twin = 'typing_missing_field' then case when field < 0.5 then 'email' else 'phone' end
            when missing < 0.25 then 'email'
            when missing < 0.5 then 'phone'
        end as missing_field
    from (
        select
            person,
            twin,
            is_foreign,
            twin in ('typing_swapped', 'typing_missing_letter', 'typing_doubled_letter') as is_of_letters,
            case when twin = 'typing_two_fields' then floor(3 * chance('typing pair', person)) else -1 end as pair,
            chance('typing field', person) as field,
            chance('typing missing', person) as missing
        from record_kinds
        inner join spans using (person)
        where starts_with(twin, 'typing_')
    )
), second_records as (
    select
        'C' || (20000000 + person) as source_customer_id,
        person,
        twin as kind,
        cast(null as varchar) as trap,
        case
            when twin = 'near_form' and not is_foreign then surname || '　' || given
            when twin = 'near_form' then upper(customer_name)
            when twin = 'near_typing_error' and is_foreign then customer_name || 'e'
            when twin = 'near_typing_error' then surname || pick(['伟', '芬', '洁'], chance('typing', person))
            when twin = 'changed_surname' and is_foreign then split_part(customer_name, ' ', 1) || ' Wilson'
            when twin = 'changed_surname' then '欧阳' || given
            else customer_name
        end as customer_name,
        case
            when twin in ('same_email_name', 'chain', 'changed_surname') then email
            when twin = 'near_form' then upper(split_part(email, '@', 1)) || '+shop@' || split_part(email, '@', 2)
            when twin = 'near_typing_error' then replace(email, 'example', 'exmaple')
            else 'alt.' || email
        end as email,
        case
            when twin = 'same_phone_name' then phone
            when twin = 'near_form' then '+86 ' || translate(phone, '0123456789', '０１２３４５６７８９')
            when twin = 'near_typing_error' then left(phone, 9) || right(phone, 1) || phone[10]
            when twin = 'chain' then '15' || right(phone, 9)
        end as phone,
        case when twin = 'same_union_id' then union_id end as wechat_union_id,
        case when twin = 'same_card' then card_no end as loyalty_card_no,
        case when not is_prospect and twin not in ('near_typing_error', 'changed_surname')
            then 'S' || (20000000 + person) end as id_in_shop,
        case when chance('twin birthday', person) < 0.5 then birth_date end as birth_date,
        greatest(joined_day, 0)
        + (ends_day - greatest(joined_day, 0)) * 0.8 * chance('twin at', person) as created_day
    from spans
    inner join identities using (person)
    inner join record_kinds using (person)
    where not starts_with(twin, 'typing_')
), third_records as (
    -- The third of a chain knows only the second's phone.
    select
        'C' || (30000000 + person), person, 'chain_end', null, customer_name, null,
        '15' || right(phone, 9), null, null, null, null,
        least(final_day() - 1, greatest(joined_day, 0)
            + (ends_day - greatest(joined_day, 0)) * (0.8 + 0.15 * chance('chain at', person)))
    from spans
    inner join identities using (person)
    inner join record_kinds using (person)
    where twin = 'chain'
), typed_records as (
    select
        'C' || (20000000 + person),
        person,
        twin,
        null,
        case
            when not has_wrong_name then customer_name
            when is_foreign then mistyped(customer_name, twin, chance('typing name', person))
            when twin = 'typing_lookalike' then looking_alike(surname) || given
            else surname || sounding_alike(given)
        end,
        case
            when has_wrong_email
                then mistyped(split_part(email, '@', 1), twin, chance('typing email', person)) || '@' || split_part(email, '@', 2)
            when missing_field is distinct from 'email' then email
        end,
        case
            when has_wrong_phone and twin in ('typing_wrong_digit', 'typing_two_fields')
                then wrong_digit_at(phone, 2 + place_in(phone[3:], chance('typing phone', person)), chance('typing digit', person))
            when has_wrong_phone then left(phone, 2) || mistyped(phone[3:], twin, chance('typing phone', person))
            when missing_field is distinct from 'phone' then phone
        end,
        null,
        null,
        null,
        case
            when has_wrong_birthday then birth_date + 10
            when chance('twin birthday', person) < 0.5 then birth_date
        end,
        greatest(joined_day, 0)
        + (ends_day - greatest(joined_day, 0)) * 0.8 * chance('twin at', person)
    from spans
    inner join identities using (person)
    inner join slips using (person)
), everyone as (
    select * from first_records
    union all
    select * from second_records
    union all
    select * from third_records
    union all
    select * from typed_records
)
select
    everyone.*,
    spans.is_firm,
    spans.is_prospect,
    spans.region_no,
    spans.place_no,
    spans.value_class,
    spans.churned_day,
    spans.churn_kind,
    spans.reason_code,
    kind = 'main' as is_main,
    case when spans.is_firm then identities.industry end as industry,
    case when spans.is_firm then pick(['small', 'small', 'medium', 'large'], chance('firm size', everyone.person)) end as company_size,
    case when spans.is_firm
        then (moment(spans.joined_day)::date - (200 + floor(7000 * chance('founded', everyone.person)))::integer)
    end as founded_on,
    case when spans.is_firm then pick(['trade_fair', 'search', 'referral', 'partner'], chance('came by', everyone.person))
        else pick(['search', 'social', 'store', 'referral', 'social'], chance('came by', everyone.person)) end as acquisition_channel,
    case when chance('came by', everyone.person) between 0.6 and 0.7 and everyone.person > 20
        then 'C' || lpad((everyone.person - 1 - floor(19 * chance('referrer', everyone.person))::bigint)::varchar, 8, '0') end as referrer_customer_id,
    owners.owner_no,
    owners.owner_before_no,
    owners.changed_day as owner_changed_day,
    case when chance('stale grade', everyone.person) < 0.25
        then pick(['A', 'B', 'C', 'D'], chance('grade', everyone.person)) else spans.value_class end as source_tier_code,
    case when chance('consent', everyone.person) < 0.6 then true
        when chance('consent', everyone.person) < 0.75 then false end as marketing_consent,
    -- A house moved, an address changed: versions of the record.
    case when kind = 'main' and trap is null and chance('moved', everyone.person) < world_change_share()
        then in_hours(final_day() * (0.4 + 0.6 * chance('moved at', everyone.person)), 9, 18) end as moved_day,
    floor(24 * pow(chance('place before', everyone.person), 1.4))::integer as place_before_no,
    case when kind = 'main' and trap is null and everyone.email is not null
        and chance('new address', everyone.person) < world_change_share() / 2
        then in_hours(final_day() * (0.4 + 0.6 * chance('new address at', everyone.person)), 9, 18) end as email_changed_day
from everyone
inner join spans on everyone.person = spans.person
inner join identities on everyone.person = identities.person
-- Twins have no owner. (A condition on the left side alone makes this join crawl.)
left join owners on case when everyone.kind = 'main' then everyone.person end = owners.person
order by source_customer_id;

create table shop_accounts as
select
    'S' || (10000000 + person) as shop_id, person, 'main' as kind, joined_day as opened_day
from spans where not is_prospect
union all
select id_in_shop, person, kind, created_day from records where kind <> 'main' and id_in_shop is not null
order by person, shop_id;

-- Staff grow with the customers of their region: about 120 owned customers a manager.
create table staff as
with regions as (
    select distinct region_no, region from places
), needed as (
    select
        regions.region_no,
        regions.region,
        count(*) filter (people.is_owned) as owned,
        count(*) filter (people.is_firm) as firms,
        count(*) as everybody
    from regions
    left join people on regions.region_no = people.region_no
    group by all
), posts as (
    select region_no, region, 'account_manager' as role,
        greatest(1, ceil(owned / 120.0))::bigint as wanted, 1 as kind_no
    from needed
    union all
    select region_no, region, 'service', greatest(1, ceil(everybody / 500.0))::bigint, 2
    from needed
    union all
    select region_no, region, 'sales', greatest(1, ceil(firms / 60.0))::bigint, 3
    from needed
    union all
    select region_no, region, 'head', 1, 0 from needed
    union all
    select -1, '总部', 'marketing', 3, 4
), members as (
    select
        posts.*,
        unnest(range(1, wanted + 1)) as place
    from posts
), numbered as (
    select
        *,
        row_number() over (order by kind_no, region_no, place) as staff_no
    from members
)
select
    staff_no,
    'E' || lpad(staff_no::varchar, 4, '0') as staff_id,
    role,
    region_no,
    region,
    split_part(pick(surnames(), pow(chance('staff surname', staff_no), 1.5)), ' ', 1)
    || split_part(pick(given_names(), chance('staff given', staff_no)), ' ', 1) as staff_name,
    case role when 'service' then region || '服务组' when 'sales' then region || '销售组'
        when 'marketing' then '市场组' else region || '客户组' end as team,
    case role when 'service' then '客户服务部' when 'sales' then '销售部'
        when 'marketing' then '市场部' else '客户成功部' end as department,
    case when role = 'head' then 5
        when role = 'account_manager' then 15 + floor(26 * chance('capacity', staff_no)) end::integer
        as weekly_capacity,
    (70 + floor(80 * chance('cost', staff_no)))::decimal(10, 2) as cost_per_hour,
    (world_from_day() - (30 + floor(2500 * chance('hired', staff_no)))::integer) as hired_on,
    role = 'service' and region_no = 2 and world_slow_team_share() > 0 as is_slow_team,
    role = 'account_manager' and world_careless_missed_share() > world_missed_share()
    and row_number() over (
        partition by role order by region_no not in (0, 1, 2), chance('careless', staff_no)
    ) <= greatest(1, count(*) over (partition by role) // 40) as is_careless
from numbered
order by staff_no;

create table teams as
select region_no, role, list(staff_no order by staff_no) as members
from staff
group by region_no, role;

create table owners as
select
    people.person,
    teams.members[
        1 + floor(len(teams.members) * chance('owner', people.person))::integer
    ]::integer as owner_no,
    -- A few customers change hands once.
    case
        when chance('owner changed', people.person) < world_change_share() / 2
            then in_hours(final_day() * (0.3 + 0.7 * chance('owner changed at', people.person)), 9, 10)
    end as changed_day,
    teams.members[
        1 + floor(len(teams.members) * chance('owner before', people.person))::integer
    ]::integer as owner_before_no
from people
inner join teams on people.region_no = teams.region_no and teams.role = 'account_manager'
where people.is_owned
order by people.person;

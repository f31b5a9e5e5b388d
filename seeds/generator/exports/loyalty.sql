create view export_loyalty_points as
select
    'L' || lpad(movement_no::varchar, 13, '0') as movement_id,
    c_id(person) as source_customer_id,
    moved_at,
    kind,
    points,
    expires_on,
    case when kind = 'earn' then order_codes.order_id end as order_id,
    moved_at as updated_at,
    moved_at as _began_at,
    moved_at as _changed_at,
    movement_no as _row
from points
left join order_codes on points.order_key = order_codes.order_key
order by movement_no;

create view export_loyalty_benefits as
select
    'B' || lpad(benefit_no::varchar, 9, '0') as benefit_id,
    c_id(person) as source_customer_id,
    benefit_code,
    moment(granted_day) as granted_at,
    known(moment(used_day)) as used_at,
    cost,
    coalesce(known(moment(used_day)), moment(granted_day)) as updated_at,
    moment(granted_day) as _began_at,
    coalesce(known(moment(used_day)), moment(granted_day)) as _changed_at,
    benefit_no as _row
from benefits
order by benefit_no;

-- What other systems say of orders: which one a ticket or a movement is about.

create macro order_number(ordered_at, order_key) as
    'YF' || strftime(ordered_at, '%y%m%d') || lpad(order_key::varchar, 11, '0');

create table ticket_orders as
select
    tickets.ticket_no,
    max_by(order_number(orders.ordered_at, orders.order_key), orders.ordered_at) as order_id
from orders
inner join tickets
    on orders.person = tickets.person
    and orders.ordered_at < moment(tickets.opened_day)
    and orders.ordered_at > moment(tickets.opened_day - 60)
where tickets.kind in ('fault', 'complaint', 'return')
group by tickets.ticket_no
order by tickets.ticket_no;

create table order_codes as
select order_key, order_number(ordered_at, order_key) as order_id
from orders
where order_key in (select order_key from points where kind = 'earn')
order by order_key;

-- Marketing counts the first order after a touch that was opened, as it likes to.
create table conversions as
select touches.touch_no, min(orders.ordered_at) as converted_at
from orders
inner join touches
    on orders.person = touches.person
    and orders.ordered_at > moment(touches.sent_day + 0.65)
    and orders.ordered_at < moment(touches.sent_day + 14)
where touches.is_opened and not touches.is_holdout or orders.campaign_id = touches.campaign_id
group by touches.touch_no
order by touches.touch_no;

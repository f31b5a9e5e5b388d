create view export_finance_invoices as
select
    invoice_id,
    c_id(person) as source_customer_id,
    issued_on,
    due_on,
    amount,
    known_on(paid_on) as paid_on,
    case when paid_on::timestamp <= seen() then money(amount * paid_part) else 0 end::decimal(14, 2) as paid_amount,
    coalesce(known_on(paid_on), issued_on)::timestamp + interval 9 hour as updated_at,
    issued_on::timestamp + interval 9 hour as _began_at,
    coalesce(known_on(paid_on), issued_on)::timestamp + interval 9 hour as _changed_at,
    invoice_no as _row
from invoices
order by invoice_no;

create view export_finance_exchange_rates as
select
    currency,
    rate_date,
    rate_to_base,
    cast(null as timestamp) as updated_at,
    rate_date::timestamp + interval 8 hour as _began_at,
    rate_date::timestamp + interval 8 hour as _changed_at,
    date_diff('day', date '2000-01-01', rate_date) * 4 + length(currency) as _row
from rates
order by rate_date, currency;

-- An order in a currency without a rate, or with one that cannot be right, is in no sum of
-- money. It only warns: the amounts are null with their reason, and the rate may come tomorrow.
{{ config(severity='warn') }}

with orders as (

    select * from {{ ref('orders') }}

)

select
    order_key,
    currency,
    ordered_on
from orders
where missing_amount_reason is not null

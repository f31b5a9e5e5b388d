-- A stage, level or class that the playbook does not know would drop customers in a join.
with customers as (

    select * from {{ ref('int_customers__golden') }}

),

applied as (

    select * from {{ ref('int_playbook__applied') }}

)

select customers.customer_key
from customers
left join applied
    on customers.customer_key = applied.customer_key
where applied.rule_order is null

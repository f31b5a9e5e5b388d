-- Customers between whom a link held once, or holds and was cut by somebody's word: the
-- edges from which its materialization makes the groups that were one customer.
with judged as (

    select * from {{ ref('int_pairs__judged') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

edges as (

    select
        least(records.customer_key, other_records.customer_key) as left_key,
        greatest(records.customer_key, other_records.customer_key) as right_key,
        cast(1 as decimal(6, 4)) as confidence,
        false as is_apart
    from judged
    inner join records
        on judged.own_key = records.own_key
    inner join records as other_records
        on judged.other_own_key = other_records.own_key
        and records.customer_key <> other_records.customer_key
    where judged.is_link
    group by
        least(records.customer_key, other_records.customer_key),
        greatest(records.customer_key, other_records.customer_key)

)

select * from edges

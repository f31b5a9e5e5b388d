-- Somebody said so, whatever chain of links there is between the two.
with decisions as (

    select * from {{ ref('int_identity_decisions__newest') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

together as (

    select
        decisions.decision_id,
        records.customer_key
    from decisions
    inner join records
        on decisions.own_key = records.own_key
    inner join records as other_records
        on decisions.other_own_key = other_records.own_key
        and records.customer_key = other_records.customer_key
    where decisions.verdict = 'different'

)

select * from together

with relationships as (

    select * from {{ ref('int_relationships__dated') }}

),

measured as (

    select * from {{ ref('int_customers__measured') }}

),

types as (

    select
        customer_key,
        policy_customer_type
    from measured
    where is_latest

),

losses as (

    select
        relationships.customer_key,
        cast(row_number() over (
            partition by relationships.customer_key
            order by relationships.relationship_number nulls last
        ) as bigint) as loss_number,
        types.policy_customer_type,
        relationships.loss_kind,
        relationships.returned_on is not null as is_won_back,
        relationships.began_on,
        relationships.lost_on,
        relationships.returned_on
    from relationships
    inner join types
        on relationships.customer_key = types.customer_key
    -- Who never bought but what was called off in time, was never lost.
    where relationships.lost_on is not null and relationships.loss_kind is not null

)

select * from losses

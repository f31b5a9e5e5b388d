with evaluated as (

    select * from {{ ref('int_follow_ups__evaluated') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

-- Whom the CRM does not know nobody can call.
due as (

    select {{ star_without(['entitled_since_on', 'visit_entitled_since_on'], 'evaluated') }}
    from evaluated
    inner join customers
        on evaluated.customer_key = customers.customer_key
    where not customers.is_inferred

)

select * from due

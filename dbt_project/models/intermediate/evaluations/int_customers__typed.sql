with customers as (

    select * from {{ ref('int_customers__golden') }}

),

customer_types as (

    select * from {{ ref('customer_types') }}

),

typed as (

    select
        customers.customer_key,
        customer_types.customer_type,
        customer_types.value_basis
    from customers
    inner join customer_types
        on customers.customer_type = customer_types.customer_type
        or (customers.customer_type is null and customer_types.is_default)

)

select * from typed

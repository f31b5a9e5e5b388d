with changes as (

    select * from {{ ref('int_customer_keys__changed') }}

),

customer_key_changes as (

    select
        namespace,
        record_id,
        change_kind,
        from_customer_key,
        customer_key,
        reason_code,
        changed_on
    from changes

)

select * from customer_key_changes

with records as (

    select * from {{ ref('int_records__resolved') }}

),

customer_identities as (

    select
        namespace,
        record_id,
        customer_key,
        match_rule,
        matched_namespace,
        matched_record_id,
        confidence,
        is_in_crm,
        first_seen_at,
        linked_on
    from records

)

select * from customer_identities

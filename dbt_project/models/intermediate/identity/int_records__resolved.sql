with records as (

    select * from {{ ref('int_records__unioned') }}

),

-- The CRM names each customer's number in the shop. That number is their component: the
-- shop's own record, and every CRM record that names it, belong to it.
bridged as (

    select
        *,
        case when id_in_shop is not null then 'shop' else namespace end as component_namespace,
        coalesce(id_in_shop, record_id) as component_id,
        case when id_in_shop is not null then 'id_in_shop' else 'own_record' end as match_rule
    from records

),

-- A customer's key is that of the oldest record: younger ones that join do not move it.
oldest as (

    select
        *,
        first_value({{ surrogate_key(['namespace', 'record_id']) }}) over (
            partition by component_namespace, component_id
            order by
                first_seen_at asc nulls last, namespace asc nulls last, record_id asc nulls last
        ) as customer_key,
        max(is_in_crm) over (
            partition by component_namespace, component_id
        ) as is_customer_in_crm
    from bridged

),

resolved as (

    select
        namespace,
        record_id,
        customer_key,
        match_rule,
        is_in_crm,
        not is_customer_in_crm as is_inferred,
        first_seen_at
    from oldest

)

select * from resolved

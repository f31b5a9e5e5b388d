-- Whom one record of the CRM tells of and nobody else is not here: nothing has to survive.
with records as (

    select * from {{ ref('int_records__resolved') }}

),

crm_customers as (

    select * from {{ ref('int_customers__in_force') }}

),

customer_types as (

    select * from {{ ref('customer_types') }}

),

orders as (

    select * from {{ ref('int_orders__identified') }}

),

shop_orders as (

    select * from {{ ref('int_shop_orders__in_force') }}

),

responses as (

    select * from {{ ref('int_responses__in_force') }}

),

rules as (

    select * from {{ ref('survivorship_rules') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- Each name is masked by the type of its own record, whichever type survives.
crm_records as (

    select
        records.customer_key,
        'crm' as source,
        records.namespace,
        records.record_id,
        crm_customers.*,
        case
            when customer_types.is_name_published then crm_customers.customer_name
            else left(crm_customers.customer_name, 1) || '**'
        end as customer_name_masked,
        crm_customers.version_at as told_at,
        crm_customers.event_at as opened_at,
        count(*) over (partition by records.customer_key) as crm_record_count
    from crm_customers
    inner join records
        on records.namespace = 'crm'
        and crm_customers.source_customer_id = records.record_id
    left join customer_types
        on crm_customers.customer_type = customer_types.customer_type
    where records.customer_key is not null

),

shop_contacts as (

    select
        'shop' as source,
        order_id,
        contact_email as email,
        contact_phone as phone
    from shop_orders
    where coalesce(contact_email, contact_phone) is not null

),

-- A guest is known by the keyed hash of the contact that was left.
ordering_records as (

    select
        orders.customer_key,
        orders.source,
        case when orders.source_customer_id is null then 'guest' else orders.namespace end
            as namespace,
        coalesce(orders.source_customer_id, orders.guest_key) as record_id,
        orders.order_id,
        orders.region,
        shop_contacts.email,
        shop_contacts.phone,
        orders.ordered_at as told_at
    from orders
    left join shop_contacts
        on orders.source = shop_contacts.source
        and orders.order_id = shop_contacts.order_id
    where
        orders.customer_key is not null
        and (orders.region is not null or shop_contacts.order_id is not null)

),

answering_records as (

    select
        records.customer_key,
        'survey' as source,
        records.namespace,
        records.record_id,
        responses.record_key as order_id,
        responses.email,
        responses.responded_at as told_at
    from responses
    inner join records
        on records.namespace = 'crm'
        and responses.source_customer_id = records.record_id
    where records.customer_key is not null and responses.email is not null

),

told_by_orders as (

    {{ tellings(
        'ordering_records',
        ['email', 'phone', 'region'],
        ['customer_key', 'source', 'namespace', 'record_id', 'order_id', 'told_at']
    ) | indent(4) }}

),

told_by_answers as (

    {{ tellings(
        'answering_records',
        ['email'],
        ['customer_key', 'source', 'namespace', 'record_id', 'order_id', 'told_at']
    ) | indent(4) }}

),

told_in_passing as (

    select * from told_by_orders
    union all
    select * from told_by_answers

),

-- A record tells what it told last, however often it told.
newest_in_passing as (

    select
        *,
        min(told_at) over (
            partition by source, namespace, record_id, attribute_code
        ) as opened_at
    from told_in_passing
    qualify
        row_number() over (
            partition by source, namespace, record_id, attribute_code
            order by told_at desc nulls last, order_id asc nulls last
        ) = 1

),

told_of_by_others as (

    select distinct customer_key
    from newest_in_passing

),

contested_records as (

    select crm_records.*
    from crm_records
    left join told_of_by_others
        on crm_records.customer_key = told_of_by_others.customer_key
    where
        crm_records.crm_record_count > 1
        or told_of_by_others.customer_key is not null

),

told as (

    {{ tellings(
        'contested_records',
        [
            'customer_name', 'customer_type', 'email', 'phone', 'birth_date', 'founded_on',
            'region', 'province', 'city', 'industry', 'company_size', 'acquisition_channel',
            'owner_staff_id', 'source_tier_code', 'marketing_consent', 'status'
        ],
        ['customer_key', 'source', 'namespace', 'record_id', 'told_at', 'opened_at']
    ) | indent(4) }}
    union all
    select
        customer_key,
        source,
        namespace,
        record_id,
        told_at,
        opened_at,
        attribute_code,
        value,
        value_masked
    from newest_in_passing

),

-- Country and trunk prefixes come and go: a phone is told apart by its last nine digits.
-- A full-width letter or space is no other value.
told_with_rules as (

    select
        told.customer_key,
        told.attribute_code,
        told.source,
        told.namespace,
        told.record_id,
        told.value,
        told.value_masked,
        case
            when told.attribute_code = 'phone'
                then right({{ replaced_form(half_width('told.value'), '[^0-9]', '') }}, 9)
            else {{ lower_case(half_width('told.value')) }}
        end as compared_value,
        rules.strategy,
        rules.leading_value,
        rules.sources,
        rules.recency,
        told.told_at,
        told.opened_at
    from told
    inner join rules
        on told.attribute_code = rules.attribute_code
    cross join parameters
    where
        parameters.as_of_date >= rules.valid_from
        and parameters.as_of_date <= rules.valid_to

)

select * from told_with_rules

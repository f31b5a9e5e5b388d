{%- set attributes = [
    'customer_name', 'customer_type', 'email', 'phone', 'birth_date', 'founded_on', 'region',
    'province', 'city', 'industry', 'company_size', 'acquisition_channel', 'owner_staff_id',
    'source_tier_code', 'marketing_consent', 'status'
] -%}
{%- set facts = [
    ('crm', 'contacts', 'crm', 'version_at', 'int_company_contacts__in_force'),
    ('crm', 'contracts', 'crm', 'event_at', 'int_contracts__in_force'),
    ('crm', 'interactions', 'crm', 'event_at', 'int_interactions__in_force'),
    ('crm', 'opportunities', 'crm', 'event_at', 'int_opportunities__in_force'),
    ('crm', 'measures', 'crm', 'event_at', 'int_measures__in_force'),
    ('shop', 'activity', 'shop', 'event_at', 'int_activity__in_force'),
    ('survey', 'invitations', 'crm', 'event_at', 'int_invitations__in_force'),
    ('survey', 'answers', 'crm', 'event_at', 'int_responses__in_force'),
    ('service', 'tickets', 'crm', 'event_at', 'int_tickets__in_force'),
    ('service', 'training', 'crm', 'event_at', 'int_training__in_force'),
    ('marketing', 'touches', 'crm', 'event_at', 'int_touches__in_force'),
    ('loyalty', 'points', 'crm', 'event_at', 'int_points__in_force'),
    ('loyalty', 'benefits', 'crm', 'event_at', 'int_benefits__in_force'),
    ('finance', 'invoices', 'crm', 'event_at', 'int_invoices__in_force')
] -%}
-- Facts are grouped by record where they are read, so that none is held row by row.
with records as (

    select * from {{ ref('int_records__resolved') }}

),

crm_customers as (

    select * from {{ ref('int_customers__in_force') }}

),

orders as (

    select * from {{ ref('int_orders__identified') }}

),

told as (

    select * from {{ ref('int_customer_attributes__told') }}

),

survived as (

    select * from {{ ref('int_customer_attributes__survived') }}

),

crm_records as (

    select
        records.customer_key,
    {%- for attribute in attributes %}
        count(crm_customers.{{ attribute }}) as {{ attribute }}_count,
        max(case when crm_customers.{{ attribute }} is not null then crm_customers.version_at end)
            as {{ attribute }}_told_at{{ ',' if not loop.last }}
    {%- endfor %}
    from crm_customers
    inner join records
        on records.namespace = 'crm'
        and crm_customers.source_customer_id = records.record_id
    where records.customer_key is not null
    group by records.customer_key

),

crm_totals as (

    select
        'crm' as source,
    {%- for attribute in attributes %}
        count(case when {{ attribute }}_count > 0 then 1 end) as {{ attribute }}_customer_count,
        max({{ attribute }}_told_at) as {{ attribute }}_told_at{{ ',' if not loop.last }}
    {%- endfor %}
    from crm_records

),

facts_by_record as (

    {%- for source, fact_code, namespace, told_at, model in facts %}
        select
            '{{ source }}' as source,
            '{{ fact_code }}' as fact_code,
            '{{ namespace }}' as namespace,
            source_customer_id as record_id,
            max({{ told_at }}) as last_told_at
        from {{ ref(model) }}
        where source_customer_id is not null
        group by source_customer_id
        {{ 'union all' if not loop.last }}
    {%- endfor %}

),

facts_by_customer as (

    select
        facts_by_record.source,
        facts_by_record.fact_code,
        records.customer_key,
        facts_by_record.last_told_at
    from facts_by_record
    inner join records
        on facts_by_record.namespace = records.namespace
        and facts_by_record.record_id = records.record_id
    where records.customer_key is not null

),

-- What tells in passing tells of a customer who is known by now.
attributes_by_customer as (

    select
        source,
        attribute_code as fact_code,
        customer_key,
        told_at as last_told_at
    from told
    where source <> 'crm'

),

counted_facts as (

    select
        crm_totals.source,
        attributes.attribute_code as fact_code,
        case attributes.attribute_code
            {%- for attribute in attributes %}
                when '{{ attribute }}' then crm_totals.{{ attribute }}_customer_count
            {%- endfor %}
        end as customer_count,
        case attributes.attribute_code
            {%- for attribute in attributes %}
                when '{{ attribute }}' then crm_totals.{{ attribute }}_told_at
            {%- endfor %}
        end as last_told_at
    from crm_totals
    cross join (
        values {% for attribute in attributes -%}
            ('{{ attribute }}'){{ ', ' if not loop.last }}
        {%- endfor %}
    ) as attributes (attribute_code)
    union all
    select
        source,
        fact_code,
        count(distinct customer_key) as customer_count,
        max(last_told_at) as last_told_at
    from attributes_by_customer
    group by source, fact_code
    union all
    select
        source,
        fact_code,
        count(distinct customer_key) as customer_count,
        max(last_told_at) as last_told_at
    from facts_by_customer
    group by source, fact_code
    union all
    select
        source,
        'orders' as fact_code,
        count(distinct customer_key) as customer_count,
        max(ordered_at) as last_told_at
    from orders
    where customer_key is not null
    group by source

),

conflicts as (

    select
        told.source,
        told.attribute_code as fact_code,
        count(distinct told.customer_key) as conflicting_customer_count
    from told
    inner join survived
        on told.customer_key = survived.customer_key
        and told.attribute_code = survived.attribute_code
    where told.compared_value <> survived.compared_value
    group by told.source, told.attribute_code

),

-- What has no time of its own was always there, which says nothing of when it was told.
counted as (

    select
        counted_facts.source,
        counted_facts.fact_code,
        counted_facts.customer_count,
        coalesce(conflicts.conflicting_customer_count, 0) as conflicting_customer_count,
        nullif(counted_facts.last_told_at, cast('1900-01-01 00:00:00' as timestamp))
            as last_told_at
    from counted_facts
    left join conflicts
        on counted_facts.source = conflicts.source
        and counted_facts.fact_code = conflicts.fact_code
    where counted_facts.customer_count > 0

)

select * from counted

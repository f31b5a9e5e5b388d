-- The golden record at any time. Identity is that of the run's day: records that are one
-- customer today always were.
with records as (

    select * from {{ ref('int_records__resolved') }}

),

crm_records as (

    select * from {{ ref('int_crm_records__dated') }}

),

orders as (

    select * from {{ ref('int_orders__identified') }}

),

rules as (

    select * from {{ ref('survivorship_rules') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

components as (

    select
        customer_key,
        min(first_seen_at) as first_seen_at
    from records
    where customer_key is not null
    group by customer_key

),

ordering_records as (

    select
        customer_key,
        source,
        case when source_customer_id is null then 'guest' else namespace end as namespace,
        coalesce(source_customer_id, guest_key) as record_id,
        region,
        ordered_at,
        order_id
    from orders
    where customer_key is not null and region is not null

),

-- Of orders of one moment the first by number holds, as in the view as of a day.
ordering_periods as (

    select
        *,
        min(ordered_at) over (partition by source, namespace, record_id) as opened_at,
        lead(ordered_at) over (
            partition by source, namespace, record_id
            order by ordered_at asc nulls last, order_id desc nulls last
        ) as valid_to
    from ordering_records

),

tellers as (

    select
        customer_key,
        'crm' as source,
        'crm' as namespace,
        source_customer_id as record_id,
        customer_name_masked,
        customer_name,
        customer_type,
        region,
        province,
        city,
        industry,
        company_size,
        acquisition_channel,
        owner_staff_id,
        source_tier_code,
        marketing_consent,
        status,
        terminated_at,
        told_at,
        opened_at,
        valid_from,
        valid_to
    from crm_records
    union all
    select
        customer_key,
        source,
        namespace,
        record_id,
        cast(null as string) as customer_name_masked,
        cast(null as string) as customer_name,
        cast(null as string) as customer_type,
        region,
        cast(null as string) as province,
        cast(null as string) as city,
        cast(null as string) as industry,
        cast(null as string) as company_size,
        cast(null as string) as acquisition_channel,
        cast(null as string) as owner_staff_id,
        cast(null as string) as source_tier_code,
        cast(null as boolean) as marketing_consent,
        cast(null as string) as status,
        cast(null as timestamp) as terminated_at,
        ordered_at as told_at,
        opened_at,
        ordered_at as valid_from,
        valid_to
    from ordering_periods
    where valid_to > ordered_at or valid_to is null

),

-- Only where several tell of a customer has anything to survive.
contested_customers as (

    select customer_key
    from tellers
    group by customer_key
    having
        min(source) <> max(source)
        or min(namespace) <> max(namespace)
        or min(record_id) <> max(record_id)

),

contested_tellers as (

    select tellers.*
    from tellers
    inner join contested_customers
        on tellers.customer_key = contested_customers.customer_key

),

-- A rule that comes into force can let another value survive.
rule_moments as (

    select distinct {{ utc_from_local(
        'cast(rules.valid_from as timestamp)', 'parameters.business_timezone'
    ) }} as moment
    from rules
    cross join parameters
    where rules.valid_from <= parameters.as_of_date

),

first_moments as (

    select
        customer_key,
        min(valid_from) as first_moment
    from contested_tellers
    group by customer_key

),

moments as (

    select
        customer_key,
        valid_from as moment
    from contested_tellers
    union distinct
    select
        first_moments.customer_key,
        rule_moments.moment
    from first_moments
    inner join rule_moments
        on first_moments.first_moment < rule_moments.moment

),

moment_tellers as (

    select
        contested_tellers.*,
        moments.moment
    from moments
    inner join contested_tellers
        on moments.customer_key = contested_tellers.customer_key
        and moments.moment >= contested_tellers.valid_from
        and (
            moments.moment < contested_tellers.valid_to
            or contested_tellers.valid_to is null
        )

),

told as (

    {{ tellings(
        'moment_tellers',
        [
            'customer_name', 'customer_type', 'region', 'province', 'city', 'industry',
            'company_size', 'acquisition_channel', 'owner_staff_id', 'source_tier_code',
            'marketing_consent', 'status'
        ],
        [
            'customer_key', 'moment', 'source', 'namespace', 'record_id', 'told_at',
            'opened_at'
        ]
    ) | indent(4) }}

),

told_with_rules as (

    select
        told.*,
        rules.leading_value,
        rules.sources,
        rules.recency
    from told
    cross join parameters
    inner join rules
        on told.attribute_code = rules.attribute_code
        and {{ business_day('told.moment', 'parameters.business_timezone') }}
        >= rules.valid_from
        and {{ business_day('told.moment', 'parameters.business_timezone') }}
        <= rules.valid_to

),

survivors as (

    select *
    from told_with_rules
    qualify
        row_number() over (
            partition by customer_key, moment, attribute_code
            order by
                {{ survivor_order() | indent(16) }}
        ) = 1

),

survived as (

    select
        customer_key,
        moment,
        max(case when attribute_code = 'customer_name' then value_masked end)
            as customer_name_masked,
        max(case when attribute_code = 'customer_type' then value end) as customer_type,
        max(case when attribute_code = 'region' then value end) as region,
        max(case when attribute_code = 'province' then value end) as province,
        max(case when attribute_code = 'city' then value end) as city,
        max(case when attribute_code = 'industry' then value end) as industry,
        max(case when attribute_code = 'company_size' then value end) as company_size,
        max(case when attribute_code = 'acquisition_channel' then value end)
            as acquisition_channel,
        max(case when attribute_code = 'owner_staff_id' then value end) as owner_staff_id,
        max(case when attribute_code = 'source_tier_code' then value end) as source_tier_code,
        max(case when attribute_code = 'marketing_consent' then value end) as marketing_consent,
        max(case when attribute_code = 'status' then value end) as status
    from survivors
    group by customer_key, moment

),

closed as (

    select
        moment_tellers.customer_key,
        moment_tellers.moment,
        max(moment_tellers.terminated_at) as terminated_at
    from moment_tellers
    left join survived
        on moment_tellers.customer_key = survived.customer_key
        and moment_tellers.moment = survived.moment
    where moment_tellers.status is not distinct from survived.status
    group by moment_tellers.customer_key, moment_tellers.moment

),

states as (

    select
        tellers.customer_key,
        tellers.customer_name_masked,
        tellers.customer_type,
        tellers.region,
        tellers.province,
        tellers.city,
        tellers.industry,
        tellers.company_size,
        tellers.acquisition_channel,
        tellers.owner_staff_id,
        tellers.source_tier_code,
        tellers.status,
        tellers.marketing_consent,
        tellers.terminated_at,
        tellers.valid_from
    from tellers
    left join contested_customers
        on tellers.customer_key = contested_customers.customer_key
    where contested_customers.customer_key is null
    union all
    select
        moments.customer_key,
        survived.customer_name_masked,
        survived.customer_type,
        survived.region,
        survived.province,
        survived.city,
        survived.industry,
        survived.company_size,
        survived.acquisition_channel,
        survived.owner_staff_id,
        survived.source_tier_code,
        survived.status,
        cast(survived.marketing_consent as boolean) as marketing_consent,
        closed.terminated_at,
        moments.moment as valid_from
    from moments
    left join survived
        on moments.customer_key = survived.customer_key
        and moments.moment = survived.moment
    left join closed
        on moments.customer_key = closed.customer_key
        and moments.moment = closed.moment
    union all
    -- Seen before anybody told anything.
    select
        customer_key,
        cast(null as string) as customer_name_masked,
        cast(null as string) as customer_type,
        cast(null as string) as region,
        cast(null as string) as province,
        cast(null as string) as city,
        cast(null as string) as industry,
        cast(null as string) as company_size,
        cast(null as string) as acquisition_channel,
        cast(null as string) as owner_staff_id,
        cast(null as string) as source_tier_code,
        cast(null as string) as status,
        cast(null as boolean) as marketing_consent,
        cast(null as timestamp) as terminated_at,
        cast('1800-01-01 00:00:00' as timestamp) as valid_from
    from components

),

-- A correction may date a record before the day on which it was first seen: history
-- begins with the customer.
fitted_states as (

    select
        {{ star_without(['valid_from'], 'states') }},
        states.valid_from as told_from,
        greatest(states.valid_from, components.first_seen_at) as valid_from,
        {{ row_hash([
            'states.customer_name_masked', 'states.customer_type', 'states.region',
            'states.province', 'states.city', 'states.industry', 'states.company_size',
            'states.acquisition_channel', 'states.owner_staff_id',
            'states.source_tier_code', 'states.status', 'states.marketing_consent',
            'states.terminated_at'
        ]) }} as state_hash
    from states
    inner join components
        on states.customer_key = components.customer_key

),

last_of_a_moment as (

    select *
    from fitted_states
    qualify
        row_number() over (
            partition by customer_key, valid_from order by told_from desc nulls last
        ) = 1

),

compared as (

    select
        *,
        lag(state_hash) over (
            partition by customer_key order by valid_from nulls last
        ) as previous_hash
    from last_of_a_moment

),

dated as (

    select
        customer_key,
        valid_from,
        lead(valid_from) over (
            partition by customer_key order by valid_from nulls last
        ) as valid_to,
        customer_name_masked,
        customer_type,
        region,
        province,
        city,
        industry,
        company_size,
        acquisition_channel,
        owner_staff_id,
        source_tier_code,
        status,
        marketing_consent,
        terminated_at
    from compared
    where state_hash is distinct from previous_hash

)

select * from dated

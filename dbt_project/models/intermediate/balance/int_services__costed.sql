with interactions as (

    select * from {{ ref('int_interactions__in_force') }}

),

contacts as (

    select * from {{ ref('int_contacts__classified') }}

),

tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

touches as (

    select * from {{ ref('int_touches__in_force') }}

),

benefits as (

    select * from {{ ref('int_benefits__in_force') }}

),

staff as (

    select * from {{ ref('int_staff__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- A contact that is only planned has cost nothing yet, a customer held out of a campaign
-- was not written to, and a benefit costs once it is used.
services as (

    select
        'interaction' as service_kind,
        interactions.interaction_id as service_id,
        interactions.source_customer_id,
        interactions.staff_id,
        true as is_staffed,
        coalesce(contacts.is_visit, false) as is_visit,
        cast(interactions.duration_minutes as decimal(18, 4)) as minutes,
        cast(null as decimal(18, 4)) as stated_cost_amount,
        interactions.done_at as happened_at
    from interactions
    left join contacts
        on interactions.interaction_id = contacts.interaction_id
    where interactions.done_at is not null
    union all
    select
        'ticket' as service_kind,
        ticket_id as service_id,
        source_customer_id,
        staff_id,
        true as is_staffed,
        false as is_visit,
        cast(handling_minutes as decimal(18, 4)) as minutes,
        cast(null as decimal(18, 4)) as stated_cost_amount,
        opened_at as happened_at
    from tickets
    union all
    select
        'touch' as service_kind,
        touch_id as service_id,
        source_customer_id,
        cast(null as string) as staff_id,
        false as is_staffed,
        false as is_visit,
        cast(null as decimal(18, 4)) as minutes,
        cast(cost as decimal(18, 4)) as stated_cost_amount,
        sent_at as happened_at
    from touches
    where arm = 'treated' and sent_at is not null
    union all
    select
        'benefit' as service_kind,
        benefit_id as service_id,
        source_customer_id,
        cast(null as string) as staff_id,
        false as is_staffed,
        false as is_visit,
        cast(null as decimal(18, 4)) as minutes,
        cast(cost as decimal(18, 4)) as stated_cost_amount,
        used_at as happened_at
    from benefits
    where used_at is not null

),

services_of_customers as (

    select
        services.*,
        records.customer_key,
        {{ business_day('services.happened_at', 'parameters.business_timezone') }} as happened_on
    from services
    inner join records
        on records.namespace = 'crm'
        and services.source_customer_id = records.record_id
    cross join parameters
    where records.customer_key is not null

),

costed as (

    select
        services.service_kind,
        services.service_id,
        services.customer_key,
        coalesce(tiers.tier_code, 'none') as tier_code,
        services.is_staffed,
        services.is_visit,
        services.minutes,
        case
            when services.is_staffed
                then {{ rounded(
                    'cast(services.minutes as double) * cast(staff.cost_per_hour as double) / 60',
                    18, 4
                ) }}
            else services.stated_cost_amount
        end as cost_amount,
        services.happened_on
    from services_of_customers as services
    left join staff
        on services.staff_id = staff.staff_id
    left join tiers
        on services.customer_key = tiers.customer_key
        and services.happened_on >= tiers.valid_from
        and services.happened_on <= {{ or_forever('tiers.valid_to') }}

)

select * from costed

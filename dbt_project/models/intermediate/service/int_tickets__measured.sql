with tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

measured_customers as (

    select * from {{ ref('int_customers__measured') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

policies as (

    select * from {{ ref('int_tier_policies__live') }}

),

levels as (

    select * from {{ ref('tier_levels') }}

),

staff as (

    select * from {{ ref('int_staff__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

typed_customers as (

    select
        customer_key,
        policy_customer_type
    from measured_customers
    where is_latest

),

opened as (

    select
        tickets.ticket_id,
        records.customer_key,
        tickets.staff_id,
        tickets.kind,
        tickets.category,
        tickets.channel,
        tickets.priority,
        {{ business_day('tickets.opened_at', 'parameters.business_timezone') }} as opened_on,
        parameters.as_of_at,
        tickets.opened_at,
        -- Who resolves at once has answered.
        coalesce(tickets.first_responded_at, tickets.resolved_at) as first_responded_at,
        -- Of a ticket that was reopened since, nothing is resolved.
        case
            when coalesce(tickets.reopened_at <= tickets.resolved_at, true) then tickets.resolved_at
        end as resolved_at,
        tickets.reopened_at
    from tickets
    inner join records
        on records.namespace = 'crm'
        and tickets.source_customer_id = records.record_id
    cross join parameters

),

-- By the policy of the evaluation that gave the tier: the newest month end before.
with_policies as (

    select
        opened.*,
        tiers.tier_code,
        policies.policy_code,
        policies.policy_version,
        policies.lowest_response_hours,
        policies.lowest_resolution_hours
    from opened
    inner join typed_customers
        on opened.customer_key = typed_customers.customer_key
    left join tiers
        on opened.customer_key = tiers.customer_key
        and opened.opened_on >= tiers.valid_from
        and opened.opened_on <= {{ or_forever('tiers.valid_to') }}
    left join policies
        on typed_customers.policy_customer_type = policies.customer_type
        and cast(date_trunc('month', opened.opened_on) as date) - 1 >= policies.valid_from
        and cast(date_trunc('month', opened.opened_on) as date) - 1 <= policies.valid_to

),

with_targets as (

    select
        with_policies.*,
        staff.team,
        coalesce(levels.response_hours, with_policies.lowest_response_hours)
            as response_target_hours,
        coalesce(levels.resolution_hours, with_policies.lowest_resolution_hours)
            as resolution_target_hours
    from with_policies
    left join levels
        on with_policies.policy_code = levels.policy_code
        and with_policies.policy_version = levels.policy_version
        and with_policies.tier_code = levels.tier_code
    left join staff
        on with_policies.staff_id = staff.staff_id

),

-- A ticket that still has time is neither kept nor missed: null.
measured as (

    select
        ticket_id,
        customer_key,
        staff_id,
        coalesce(team, 'unknown') as team,
        coalesce(tier_code, 'none') as tier_code,
        kind,
        category,
        channel,
        priority,
        resolved_at is null as is_open,
        reopened_at is not null as is_reopened,
        case
            when first_responded_at is not null
                then {{ hours_between('opened_at', 'first_responded_at') }} <= response_target_hours
            when {{ hours_between('opened_at', 'as_of_at') }} >= response_target_hours then false
        end as is_responded_in_time,
        case
            when resolved_at is not null
                then {{ hours_between('opened_at', 'resolved_at') }} <= resolution_target_hours
            when {{ hours_between('opened_at', 'as_of_at') }} >= resolution_target_hours then false
        end as is_resolved_in_time,
        response_target_hours,
        resolution_target_hours,
        {{ hours_between('opened_at', 'first_responded_at') }} as first_response_hours,
        opened_on,
        opened_at,
        first_responded_at,
        resolved_at
    from with_targets

)

select * from measured

with tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

opportunities as (

    select * from {{ ref('int_opportunities__in_force') }}

),

losses as (

    select * from {{ ref('int_losses__explained') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

told as (

    select
        'ticket' as mention_kind,
        ticket_id as mention_id,
        source_customer_id,
        competitor_mentioned as competitor,
        opened_at as named_at
    from tickets
    where competitor_mentioned is not null
    union all
    select
        'opportunity' as mention_kind,
        opportunity_id as mention_id,
        source_customer_id,
        competitor,
        closed_at as named_at
    from opportunities
    where stage = 'lost' and competitor is not null and closed_at is not null

),

mentions as (

    select
        told.mention_kind,
        told.mention_id,
        records.customer_key,
        told.competitor,
        {{ business_day('told.named_at', 'parameters.business_timezone') }} as named_on,
        cast(null as decimal(18, 4)) as value_lost_amount
    from told
    cross join parameters
    left join records
        on records.namespace = 'crm'
        and told.source_customer_id = records.record_id
    union all
    select
        'loss' as mention_kind,
        customer_key || ' ' || cast(lost_on as string) as mention_id,
        customer_key,
        competitor,
        lost_on as named_on,
        value_lost_amount
    from losses
    where competitor is not null

),

-- One name however it is typed: small letters, no wide forms, no spaces around.
spelled as (

    select
        *,
        {{ lower_case(half_width('competitor')) }} as competitor_code
    from mentions

),

named as (

    select *
    from spelled
    where competitor_code <> ''

)

select * from named

-- All that an evaluation reads, as one number for each day on which it begins to count.
-- A fact is taken with every column that is read of it, and on the earliest day that it
-- can matter to; what is learned of it later is a thing of its own, on a day of its own.
-- Lists, settings and code are not here: where one of them changes, all is built anew.
with evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

purchases as (

    select * from {{ ref('int_purchases__sequenced') }}

),

movements as (

    select * from {{ ref('int_revenue__movements') }}

),

contracts as (

    select * from {{ ref('int_contracts__resolved') }}

),

tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

responses as (

    select * from {{ ref('int_responses__scored') }}

),

invoices as (

    select * from {{ ref('int_invoices__in_force') }}

),

contacts as (

    select * from {{ ref('int_contacts__classified') }}

),

overrides as (

    select * from {{ ref('int_tier_overrides__in_force') }}

),

tier_facts as (

    select * from {{ ref('int_tier_facts__dated') }}

),

signals as (

    select * from {{ ref('int_signals__dated') }}

),

fitted_models as (

    select * from {{ ref('int_models__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

seen as (

    select
        {{ business_day('customers.first_seen_at', 'parameters.business_timezone') }} as seen_on,
        {{ row_hash(["'customer'", 'customers.customer_key', 'customers.customer_type']) }}
            as seen_hash
    from customers
    cross join parameters
    union all
    select
        {{ business_day('customers.terminated_at', 'parameters.business_timezone') }} as seen_on,
        {{ row_hash(["'terminated'", 'customers.customer_key']) }} as seen_hash
    from customers
    cross join parameters
    where customers.terminated_at is not null
    union all
    select
        purchased_on as seen_on,
        {{ row_hash(["'purchase'", 'customer_key', 'called_off_on']) }} as seen_hash
    from purchases
    union all
    select
        moved_on as seen_on,
        {{ row_hash(["'movement'", 'customer_key', 'amount']) }} as seen_hash
    from movements
    where customer_key is not null
    union all
    select
        starts_on as seen_on,
        {{ row_hash(["'contract'", 'customer_key', 'contract_id', 'ends_on', 'amount']) }}
            as seen_hash
    from contracts
    union all
    select
        signed_on as seen_on,
        {{ row_hash([
            "'contract signed'", 'customer_key', 'contract_id', 'starts_on', 'ends_on'
        ]) }} as seen_hash
    from contracts
    union all
    select
        terminated_on as seen_on,
        {{ row_hash(["'contract ended'", 'customer_key', 'contract_id']) }} as seen_hash
    from contracts
    where terminated_on is not null
    union all
    select
        {{ business_day('tickets.opened_at', 'parameters.business_timezone') }} as seen_on,
        {{ row_hash(["'ticket'", 'records.customer_key', 'tickets.ticket_id', 'tickets.kind']) }}
            as seen_hash
    from tickets
    inner join records
        on records.namespace = 'crm'
        and tickets.source_customer_id = records.record_id
    cross join parameters
    union all
    select
        {{ business_day('tickets.resolved_at', 'parameters.business_timezone') }} as seen_on,
        {{ row_hash(["'ticket resolved'", 'tickets.ticket_id']) }} as seen_hash
    from tickets
    cross join parameters
    where tickets.resolved_at is not null
    union all
    select
        {{ business_day('tickets.reopened_at', 'parameters.business_timezone') }} as seen_on,
        {{ row_hash(["'ticket reopened'", 'tickets.ticket_id']) }} as seen_hash
    from tickets
    cross join parameters
    where tickets.reopened_at > tickets.resolved_at
    union all
    select
        {{ business_day('responses.responded_at', 'parameters.business_timezone') }} as seen_on,
        {{ row_hash(["'response'", 'records.customer_key', 'responses.sentiment']) }} as seen_hash
    from responses
    inner join records
        on responses.namespace = records.namespace
        and responses.record_id = records.record_id
    cross join parameters
    where responses.sentiment is not null
    union all
    select
        least(invoices.issued_on, invoices.due_on + 1) as seen_on,
        {{ row_hash([
            "'invoice'", 'records.customer_key', 'invoices.issued_on', 'invoices.due_on',
            'invoices.amount'
        ]) }} as seen_hash
    from invoices
    inner join records
        on records.namespace = 'crm'
        and invoices.source_customer_id = records.record_id
    union all
    select
        invoices.paid_on as seen_on,
        {{ row_hash(["'invoice paid'", 'invoices.invoice_id', 'invoices.paid_amount']) }}
            as seen_hash
    from invoices
    where invoices.paid_on is not null
    union all
    select
        done_on as seen_on,
        {{ row_hash(["'contact'", 'customer_key', 'is_follow_up', 'is_visit']) }} as seen_hash
    from contacts
    where has_reached and (is_follow_up or is_visit)
    union all
    select
        overrides.valid_from as seen_on,
        {{ row_hash([
            "'override'", 'records.customer_key', 'overrides.override_id', 'overrides.tier_code',
            'overrides.valid_to', 'overrides.version_at'
        ]) }} as seen_hash
    from overrides
    inner join records
        on records.namespace = 'crm'
        and overrides.source_customer_id = records.record_id
    union all
    select
        happened_on as seen_on,
        {{ row_hash([
            "'tier fact'", 'customer_key', 'measure', 'measure_code', 'amount', 'fact_count'
        ]) }} as seen_hash
    from tier_facts
    union all
    select
        replaced_on as seen_on,
        {{ row_hash([
            "'tier fact replaced'", 'customer_key', 'measure', 'measure_code', 'happened_on'
        ]) }} as seen_hash
    from tier_facts
    where replaced_on is not null
    union all
    select
        from_on as seen_on,
        {{ row_hash([
            "'signal'", 'customer_key', 'signal_code', 'amount', 'greatest_amount'
        ]) }} as seen_hash
    from signals
    union all
    select
        until_on as seen_on,
        {{ row_hash(["'signal ended'", 'customer_key', 'signal_code', 'from_on', 'amount']) }}
            as seen_hash
    from signals
    union all
    select
        serves_from as seen_on,
        {{ row_hash([
            "'model'", 'model_version', 'component', 'parameter', 'coefficient',
            'reference_value'
        ]) }} as seen_hash
    from fitted_models

),

-- With the day itself: what moves to another one between two evaluations is told, too.
seen_by_day as (

    select
        seen_on,
        {{ row_hash(['seen_on', 'sum(seen_hash)']) }} as seen_hash
    from seen
    group by seen_on

),

-- An evaluation sees all days up to its own, so a day that changes touches each after it.
seen_by_evaluation as (

    select
        evaluations.evaluation_date,
        sum(seen_by_day.seen_hash) as seen_hash
    from evaluations
    inner join seen_by_day
        on evaluations.evaluation_date >= seen_by_day.seen_on
    group by evaluations.evaluation_date

),

newest as (

    select max(evaluation_date) as evaluation_date
    from evaluations
    where not is_provisional

),

-- Some rows say more of the newest evaluations than of those before.
fingerprinted as (

    select
        evaluations.evaluation_date,
        evaluations.evaluation_number,
        evaluations.is_provisional,
        evaluations.is_latest,
        concat_ws(
            ' ',
            coalesce(cast(seen_by_evaluation.seen_hash as string), '0'),
            cast(evaluations.evaluation_number as string),
            case when evaluations.is_provisional then 'provisional' end,
            case when evaluations.is_latest then 'latest' end,
            case when newest.evaluation_date is not null then 'newest' end
        ) as fingerprint
    from evaluations
    left join seen_by_evaluation
        on evaluations.evaluation_date = seen_by_evaluation.evaluation_date
    left join newest
        on evaluations.evaluation_date = newest.evaluation_date

)

select * from fingerprinted

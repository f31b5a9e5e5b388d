with customers as (

    select * from {{ ref('int_customers__watched') }}

),

indicators as (

    select * from {{ ref('int_indicators__in_use') }}

),

interactions as (

    select * from {{ ref('int_interactions__in_force') }}

),

contracts as (

    select * from {{ ref('int_contracts__resolved') }}

),

invoices as (

    select * from {{ ref('int_invoices__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

feeds as (

    select * from {{ ref('feeds') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

eligible as (

    select
        records.record_id,
        customers.customer_key,
        customers.as_of_date,
        parameters.business_timezone
    from customers
    inner join records
        on customers.customer_key = records.customer_key
        and records.namespace = 'crm'
    cross join parameters
    where customers.is_eligible

),

contacts as (

    select
        eligible.customer_key,
        eligible.as_of_date,
        {{ business_day('interactions.planned_at', 'eligible.business_timezone') }} as planned_on,
        {{ business_day('interactions.done_at', 'eligible.business_timezone') }} as done_on,
        interactions.direction,
        interactions.responded
    from interactions
    inner join eligible
        on interactions.source_customer_id = eligible.record_id

),

last_contacts as (

    select
        customer_key,
        max(done_on) as last_done_on
    from contacts
    where coalesce(responded, true)
    group by customer_key

),

-- Where the feed is late, a contact may have been made that nobody has told us of.
contact_ages as (

    select
        max(
            {{ business_day('interactions.done_at', 'parameters.business_timezone') }}
        ) as newest_on
    from interactions
    cross join parameters

),

missed_contacts as (

    select
        contacts.customer_key,
        contacts.as_of_date,
        indicators.indicator_code,
        min(contacts.planned_on) as planned_on
    from contacts
    cross join contact_ages
    inner join indicators
        on indicators.indicator_code = 'follow_up_missed'
        and contacts.planned_on > contacts.as_of_date - indicators.window_days
        and contacts.planned_on < contacts.as_of_date
    inner join feeds
        on feeds.source = 'crm'
        and feeds.feed = 'interactions'
        and coalesce(contact_ages.newest_on >= contacts.as_of_date - feeds.max_age_days, true)
    left join last_contacts
        on contacts.customer_key = last_contacts.customer_key
        and contacts.planned_on <= last_contacts.last_done_on
    where
        contacts.done_on is null
        and coalesce(contacts.direction <> 'in', true)
        and last_contacts.customer_key is null
    group by contacts.customer_key, contacts.as_of_date, indicators.indicator_code

),

-- Renewed is who has signed a period that goes on after the running one.
renewals as (

    select distinct customers.customer_key
    from contracts
    inner join customers
        on contracts.customer_key = customers.customer_key
        and contracts.last_on > customers.contract_ends_on

),

ending_contracts as (

    select
        customers.customer_key,
        indicators.indicator_code,
        cast({{ days_from('customers.as_of_date', 'customers.contract_ends_on') }} as double)
            as reference_value,
        customers.contract_ends_on,
        customers.contract_ends_on - indicators.window_days as counted_from_on,
        customers.as_of_date
    from customers
    inner join indicators
        on indicators.indicator_code = 'contract_ending'
        and customers.contract_ends_on <= customers.as_of_date + indicators.window_days
    left join renewals
        on customers.customer_key = renewals.customer_key
    where
        customers.is_eligible
        and customers.has_running_contract
        and renewals.customer_key is null

),

unpaid_invoices as (

    select
        eligible.customer_key,
        eligible.as_of_date,
        indicators.indicator_code,
        indicators.least_reference,
        invoices.invoice_id,
        invoices.due_on,
        invoices.amount
        - coalesce(
            invoices.paid_amount,
            case when invoices.paid_on is not null then invoices.amount else 0 end
        ) as open_amount
    from invoices
    inner join eligible
        on invoices.source_customer_id = eligible.record_id
    inner join indicators
        on indicators.indicator_code = 'invoice_overdue'
        and invoices.due_on < eligible.as_of_date
        and invoices.due_on > eligible.as_of_date - indicators.window_days

),

overdue_invoices as (

    select
        *,
        sum(open_amount) over (partition by customer_key) as customer_open_amount,
        row_number() over (
            partition by customer_key order by due_on asc nulls last, invoice_id asc nulls last
        ) as number_from_oldest
    from unpaid_invoices
    where open_amount > 0

),

dealings as (

    select
        customer_key,
        indicator_code,
        cast({{ days_from('planned_on', 'as_of_date') }} as double) as measure_value,
        cast(null as double) as reference_value,
        cast(planned_on as string) as detail,
        planned_on as counted_from_on
    from missed_contacts
    union all
    select
        customer_key,
        indicator_code,
        cast({{ days_from('counted_from_on', 'as_of_date') }} as double) as measure_value,
        reference_value,
        cast(contract_ends_on as string) as detail,
        counted_from_on
    from ending_contracts
    union all
    select
        customer_key,
        indicator_code,
        cast({{ days_from('due_on', 'as_of_date') }} as double) as measure_value,
        cast(customer_open_amount as double) as reference_value,
        invoice_id as detail,
        due_on as counted_from_on
    from overdue_invoices
    where number_from_oldest = 1 and customer_open_amount >= least_reference

)

select * from dealings

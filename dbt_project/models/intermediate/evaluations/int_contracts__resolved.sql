with contracts as (

    select * from {{ ref('int_contracts__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

resolved as (

    select
        records.customer_key,
        contracts.contract_id,
        coalesce(contracts.amount, 0) as amount,
        {{ days_from('contracts.starts_on', 'contracts.ends_on') }} + 1 as day_count,
        {{ business_day('contracts.event_at', 'parameters.business_timezone') }} as signed_on,
        contracts.starts_on,
        contracts.ends_on,
        {{ business_day('contracts.terminated_at', 'parameters.business_timezone') }}
            as terminated_on
    from contracts
    inner join records
        on records.namespace = 'crm'
        and contracts.source_customer_id = records.record_id
    cross join parameters
    where contracts.ends_on >= contracts.starts_on

)

select * from resolved

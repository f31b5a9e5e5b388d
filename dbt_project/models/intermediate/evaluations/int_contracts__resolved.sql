{#- No list is valid beyond this day: 9999-12-31 and its like stand for no end. -#}
{%- set last_day = "least(contracts.ends_on, cast('2999-12-31' as date))" -%}
with contracts as (

    select * from {{ ref('int_contracts__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

dated as (

    select
        records.customer_key,
        contracts.contract_id,
        coalesce(contracts.amount, 0) as amount,
        {{ days_from('contracts.starts_on', last_day) }} + 1 as day_count,
        {{ business_day('contracts.event_at', 'parameters.business_timezone') }} as signed_on,
        contracts.starts_on,
        {{ last_day }} as ends_on,
        {{ business_day('contracts.terminated_at', 'parameters.business_timezone') }}
            as closed_on,
        {{ business_day('customers.terminated_at', 'parameters.business_timezone') }}
            as noticed_on
    from contracts
    inner join records
        on records.namespace = 'crm'
        and contracts.source_customer_id = records.record_id
    inner join customers
        on records.customer_key = customers.customer_key
    cross join parameters
    where {{ last_day }} >= contracts.starts_on

),

-- A customer who says that it is over ends what had begun or was known by then, whether
-- or not somebody wrote that into the contract. A contract that is closed on its last day
-- or later has run its full time.
ended as (

    select
        *,
        least(
            case when closed_on < ends_on then closed_on end,
            case when signed_on <= noticed_on and ends_on >= noticed_on then noticed_on end
        ) as terminated_on
    from dated

),

resolved as (

    select
        customer_key,
        contract_id,
        amount,
        day_count,
        coalesce(terminated_on <= starts_on, false) as is_called_off,
        signed_on,
        starts_on,
        ends_on,
        terminated_on,
        coalesce(terminated_on - 1, ends_on) as last_on
    from ended

)

select * from resolved

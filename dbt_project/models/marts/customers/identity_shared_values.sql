with shared_values as (

    select * from {{ ref('int_identifiers__shared') }}

),

identifiers as (

    select * from {{ ref('int_identifiers__normalised') }}

),

records as (

    select * from {{ ref('int_records__connected') }}

),

attributes as (

    select * from {{ ref('int_identity_attributes__in_use') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

watched as (

    select
        shared_values.attribute,
        shared_values.value,
        shared_values.record_count,
        shared_values.is_blocked,
        attributes.most_records as record_limit
    from shared_values
    inner join attributes
        on shared_values.attribute = attributes.attribute
    where shared_values.record_count >= attributes.listed_from

),

examples as (

    select
        watched.attribute,
        watched.value,
        min(identifiers.namespace || ' ' || identifiers.record_id) as example_record,
        count(distinct records.component) as customer_count
    from watched
    inner join identifiers
        on watched.attribute = identifiers.attribute
        and watched.value = identifiers.value
    inner join records
        on identifiers.namespace = records.namespace
        and identifiers.record_id = records.record_id
    group by watched.attribute, watched.value

),

identity_shared_values as (

    select
        watched.attribute,
        {{ keyed_hash('watched.value', 'parameters.pseudonym_key') }} as value_key,
        examples.example_record,
        watched.is_blocked,
        cast(watched.record_count as bigint) as record_count,
        cast(examples.customer_count as bigint) as customer_count,
        watched.record_limit
    from watched
    inner join examples
        on watched.attribute = examples.attribute
        and watched.value = examples.value
    cross join parameters

)

select * from identity_shared_values

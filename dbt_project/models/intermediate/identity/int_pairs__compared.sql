with proposed as (

    select * from {{ ref('int_pairs__proposed') }}

),

identifiers as (

    select * from {{ ref('int_identifiers__normalised') }}

),

records as (

    select * from {{ ref('int_records__unioned') }}

),

-- A record without a name is a number: there is nothing to compare it by.
named as (

    select distinct
        records.namespace,
        records.record_id,
        records.own_key
    from records
    inner join identifiers
        on records.namespace = identifiers.namespace
        and records.record_id = identifiers.record_id
    where identifiers.attribute = 'name'

),

pairs as (

    select distinct
        proposed.own_key,
        proposed.other_own_key
    from proposed
    inner join named
        on proposed.own_key = named.own_key
    inner join named as other_named
        on proposed.other_own_key = other_named.own_key

),

members as (

    select own_key from pairs
    union
    select other_own_key as own_key from pairs

),

known as (

    select distinct
        members.own_key,
        identifiers.attribute,
        identifiers.value
    from members
    inner join named
        on members.own_key = named.own_key
    inner join identifiers
        on named.namespace = identifiers.namespace
        and named.record_id = identifiers.record_id
    where identifiers.value is not null

),

-- One key for record and attribute: by two columns DuckDB may take the attribute first,
-- and then every record is joined with every other one.
first_sides as (

    select
        pairs.own_key,
        pairs.other_own_key,
        known.attribute,
        known.value,
        pairs.other_own_key || chr(31) || known.attribute as other_side_key
    from pairs
    inner join known
        on pairs.own_key = known.own_key

),

other_sides as (

    select
        own_key || chr(31) || attribute as other_side_key,
        value
    from known

),

compared as (

    select
        first_sides.own_key,
        first_sides.other_own_key,
        first_sides.attribute,
        max(first_sides.value = other_sides.value) as agrees
    from first_sides
    inner join other_sides
        on first_sides.other_side_key = other_sides.other_side_key
    group by first_sides.own_key, first_sides.other_own_key, first_sides.attribute

)

select * from compared

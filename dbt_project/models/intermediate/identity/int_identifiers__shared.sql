with identifiers as (

    select * from {{ ref('int_identifiers__normalised') }}

),

attributes as (

    select * from {{ ref('int_identity_attributes__in_use') }}

),

-- One spelling or several, one record has a value once.
holders as (

    select
        attribute,
        value,
        count(distinct namespace || chr(31) || record_id) as record_count
    from identifiers
    where value is not null
    group by attribute, value

),

shared as (

    select
        holders.attribute,
        holders.value,
        coalesce(holders.record_count > attributes.most_records, false) as is_blocked,
        holders.record_count
    from holders
    inner join attributes
        on holders.attribute = attributes.attribute
    where holders.record_count > 1

)

select * from shared

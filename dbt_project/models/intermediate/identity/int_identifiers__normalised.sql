with told as (

    select * from {{ ref('int_identifiers__told') }}

),

normalised as (

    select
        *,
        {{ lower_case(trimmed('told_value')) }} as value
    from told

)

select * from normalised

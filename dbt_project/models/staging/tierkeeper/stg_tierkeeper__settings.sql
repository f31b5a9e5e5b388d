with source as (

    select * from {{ source('raw', 'tierkeeper_settings') }}

),

renamed as (

    select
        requested_as_of_date,
        latest_as_of_date,
        requested_history_from,
        business_timezone,
        base_currency,
        pseudonym_key
    from source

)

select * from renamed

with source as (

    select * from {{ source('raw', 'tierkeeper_files') }}

),

-- One content is one batch; a second name of it is in the ledger as repeated.
loaded as (

    select
        source,
        feed,
        file,
        batch,
        encoding,
        row_count,
        unparsed_count,
        exported_at,
        landed_at
    from source
    where status = 'loaded'

)

select * from loaded

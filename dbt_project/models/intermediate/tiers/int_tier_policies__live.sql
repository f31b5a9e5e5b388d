with policies as (

    select * from {{ ref('tier_policies') }}

),

-- All others are candidates: they are evaluated beside, and nothing follows from them.
live as (

    select *
    from policies
    where scenario = 'live'

)

select * from live

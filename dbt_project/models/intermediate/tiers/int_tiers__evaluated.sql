with decided as (

    select * from {{ ref('int_tiers__decided') }}

),

evaluated as (

    select {{ star_without(['scenario'], 'decided') }}
    from decided
    where decided.scenario = 'live'

)

select * from evaluated

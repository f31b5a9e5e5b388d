with tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- Set by hand for the day, else what was evaluated last, on the day itself included.
current_tiers as (

    select
        tiers.customer_key,
        tiers.tier_code,
        tiers.tier_rank,
        tiers.valid_from as tier_since_date
    from tiers
    cross join parameters
    where
        tiers.valid_from <= parameters.as_of_date + 1
        and coalesce(tiers.valid_to >= parameters.as_of_date, true)
    qualify
        row_number() over (
            partition by tiers.customer_key
            order by
                tiers.is_override
                and tiers.valid_from <= parameters.as_of_date desc nulls last,
                tiers.valid_from desc nulls last
        ) = 1

)

select * from current_tiers

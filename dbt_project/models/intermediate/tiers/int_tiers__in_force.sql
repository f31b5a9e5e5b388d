with evaluated as (

    select * from {{ ref('int_tiers__evaluated') }}

),

overrides as (

    select * from {{ ref('int_tier_overrides__claimed') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- What an evaluation decides is in force from the next day on, until one decides otherwise.
evaluated_periods as (

    select
        evaluated.customer_key,
        evaluated.tier_code,
        evaluated.tier_rank,
        evaluated.reason_code,
        evaluated.score,
        evaluated.evaluation_date + 1 as valid_from,
        lead(evaluated.evaluation_date) over (
            partition by evaluated.customer_key order by evaluated.evaluation_date nulls last
        ) as valid_to
    from evaluated
    where
        not evaluated.is_provisional
        and evaluated.tier_rank is distinct from evaluated.previous_tier_rank

),

-- Plans ahead wait.
override_periods as (

    select overrides.*
    from overrides
    cross join parameters
    where overrides.valid_from <= parameters.as_of_date

),

overridden_customers as (

    select distinct customer_key
    from override_periods

),

claims as (

    select
        evaluated_periods.customer_key,
        evaluated_periods.tier_code,
        evaluated_periods.tier_rank,
        evaluated_periods.reason_code,
        evaluated_periods.score,
        false as is_override,
        cast(null as string) as override_id,
        cast(null as timestamp) as version_at,
        evaluated_periods.valid_from,
        evaluated_periods.valid_to
    from evaluated_periods
    inner join overridden_customers
        on evaluated_periods.customer_key = overridden_customers.customer_key
    union all
    select
        customer_key,
        tier_code,
        tier_rank,
        'override' as reason_code,
        cast(null as decimal(9, 6)) as score,
        true as is_override,
        override_id,
        version_at,
        valid_from,
        valid_to
    from override_periods

),

boundaries as (

    select
        customer_key,
        valid_from as boundary_date
    from claims
    union distinct
    select
        customer_key,
        valid_to + 1 as boundary_date
    from claims
    where valid_to is not null

),

stretches as (

    select
        customer_key,
        boundary_date as valid_from,
        lead(boundary_date) over (
            partition by customer_key order by boundary_date nulls last
        ) - 1 as valid_to
    from boundaries

),

-- On any day the newest override holds, else what was evaluated.
decided_stretches as (

    select
        stretches.customer_key,
        claims.tier_code,
        claims.tier_rank,
        claims.reason_code,
        claims.score,
        claims.is_override,
        claims.override_id,
        claims.valid_from as claimed_from,
        stretches.valid_from,
        stretches.valid_to
    from stretches
    inner join claims
        on stretches.customer_key = claims.customer_key
        and stretches.valid_from >= claims.valid_from
        and stretches.valid_from <= {{ or_forever('claims.valid_to') }}
    qualify
        row_number() over (
            partition by stretches.customer_key, stretches.valid_from
            order by
                claims.is_override desc nulls last,
                claims.version_at desc nulls last,
                claims.override_id desc nulls last
        ) = 1

),

-- An override that another one outdid may have split what it did not change.
numbered_stretches as (

    select
        *,
        row_number() over (
            partition by customer_key order by valid_from nulls last
        ) - row_number() over (
            partition by customer_key, is_override, override_id, claimed_from
            order by valid_from nulls last
        ) as run_number
    from decided_stretches

),

periods as (

    select
        evaluated_periods.customer_key,
        evaluated_periods.tier_code,
        evaluated_periods.tier_rank,
        evaluated_periods.reason_code,
        evaluated_periods.score,
        false as is_override,
        cast(null as string) as override_id,
        evaluated_periods.valid_from,
        evaluated_periods.valid_to
    from evaluated_periods
    left join overridden_customers
        on evaluated_periods.customer_key = overridden_customers.customer_key
    where overridden_customers.customer_key is null
    union all
    select
        customer_key,
        tier_code,
        tier_rank,
        reason_code,
        score,
        is_override,
        override_id,
        min(valid_from) as valid_from,
        case when count(valid_to) = count(*) then max(valid_to) end as valid_to
    from numbered_stretches
    group by
        customer_key, tier_code, tier_rank, reason_code, score, is_override,
        override_id, claimed_from, run_number

),

-- What begins after the run's day, say when an override will end, is not yet in force.
in_force as (

    select
        periods.customer_key,
        periods.tier_code,
        periods.tier_rank,
        periods.reason_code,
        periods.score,
        periods.is_override,
        periods.override_id,
        periods.valid_from,
        periods.valid_to
    from periods
    cross join parameters
    where periods.valid_from <= parameters.as_of_date + 1

)

select * from in_force

with periods as (

    select * from {{ ref('int_tiers__in_force') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

linked_periods as (

    select
        *,
        lag(tier_code) over periods_of_customer as previous_tier_code,
        lag(tier_rank) over periods_of_customer as previous_tier_rank,
        lag(is_override) over periods_of_customer as was_override,
        lag(valid_to) over periods_of_customer as previous_valid_to
    from periods
    window periods_of_customer as (partition by customer_key order by valid_from nulls last)

),

-- After a tier by hand that ended before a first evaluation there was none for a while.
successive_periods as (

    select
        *,
        case when previous_valid_to = valid_from - 1 then previous_tier_code end
            as from_tier_code,
        case when previous_valid_to = valid_from - 1 then previous_tier_rank end
            as from_tier_rank,
        is_override or coalesce(was_override and previous_valid_to = valid_from - 1, false)
            as is_by_hand
    from linked_periods

),

-- An evaluation changes a tier on its own day; one by hand on its first day and on the
-- day after its last, when what was evaluated comes back.
changed as (

    select
        customer_key,
        from_tier_code,
        tier_code as to_tier_code,
        from_tier_rank,
        tier_rank as to_tier_rank,
        case when is_by_hand then 'override' else reason_code end as reason_code,
        is_override,
        case when not is_by_hand then score end as score,
        case when is_by_hand then valid_from else valid_from - 1 end as changed_on,
        valid_from as in_force_from
    from successive_periods
    where tier_code is distinct from from_tier_code

),

changes_so_far as (

    select changed.*
    from changed
    inner join parameters
        on changed.changed_on <= parameters.as_of_date

)

select * from changes_so_far

with followed as (

    select * from {{ ref('int_warnings__followed') }}

),

by_month as (

    select
        cast(date_trunc('month', opened_on) as date) as month,
        count(case when not is_control then 1 end) as treated_count,
        count(case when not is_control and is_kept then 1 end) as treated_kept_count,
        count(case when not is_control and is_contacted then 1 end) as treated_contacted_count,
        count(case when is_control then 1 end) as control_count,
        count(case when is_control and is_kept then 1 end) as control_kept_count,
        count(case when is_control and is_contacted then 1 end) as control_contacted_count
    from followed
    group by cast(date_trunc('month', opened_on) as date)

),

-- A month has few controls: what is believed is the sum of all months so far.
summed as (

    select
        *,
        cast(sum(treated_count) over so_far as bigint) as treated_count_so_far,
        cast(sum(treated_kept_count) over so_far as bigint) as treated_kept_count_so_far,
        cast(sum(control_count) over so_far as bigint) as control_count_so_far,
        cast(sum(control_kept_count) over so_far as bigint) as control_kept_count_so_far
    from by_month
    window so_far as (
        order by month nulls last rows between unbounded preceding and current row
    )

),

counted as (

    select
        *,
        cast(treated_count_so_far as double) as treated,
        cast(treated_kept_count_so_far as double) as treated_kept,
        cast(control_count_so_far as double) as control,
        cast(control_kept_count_so_far as double) as control_kept
    from summed

),

with_bounds as (

    select
        *,
        treated_kept / nullif(treated, 0) as treated_share,
        control_kept / nullif(control, 0) as control_share,
        {{ wilson_bound('treated_kept', 'treated', -1) }} as treated_lower,
        {{ wilson_bound('treated_kept', 'treated', 1) }} as treated_upper,
        {{ wilson_bound('control_kept', 'control', -1) }} as control_lower,
        {{ wilson_bound('control_kept', 'control', 1) }} as control_upper
    from counted

),

-- The interval of a difference of two shares: Newcombe (1998), of Wilson's bounds.
churn_warning_effect as (

    select
        month,
        cast(treated_count as bigint) as treated_count,
        cast(treated_kept_count as bigint) as treated_kept_count,
        cast(treated_contacted_count as bigint) as treated_contacted_count,
        cast(control_count as bigint) as control_count,
        cast(control_kept_count as bigint) as control_kept_count,
        cast(control_contacted_count as bigint) as control_contacted_count,
        treated_count_so_far,
        control_count_so_far,
        treated_share as treated_kept_share_so_far,
        control_share as control_kept_share_so_far,
        treated_share - control_share as effect_so_far,
        treated_share - control_share - sqrt(
            (treated_share - treated_lower) * (treated_share - treated_lower)
            + (control_upper - control_share) * (control_upper - control_share)
        ) as effect_lower,
        treated_share - control_share + sqrt(
            (treated_upper - treated_share) * (treated_upper - treated_share)
            + (control_share - control_lower) * (control_share - control_lower)
        ) as effect_upper
    from with_bounds

)

select * from churn_warning_effect

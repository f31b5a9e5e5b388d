with losses as (

    select * from {{ ref('int_losses__explained') }}

),

inferred as (

    select * from {{ ref('int_losses__inferred') }}

),

reasoned as (

    select
        losses.lost_on,
        coalesce(losses.tier_code, 'none') as tier_code,
        coalesce(losses.stated_reason_code, inferred.inferred_reason_code, 'unknown')
            as reason_code,
        losses.stated_reason_code is not null as is_stated,
        inferred.inferred_reason_code is not null as is_inferred,
        losses.is_won_back,
        coalesce(losses.value_lost_amount, 0) as value_lost_amount
    from losses
    left join inferred
        on losses.customer_key = inferred.customer_key
        and losses.lost_on = inferred.lost_on

),

by_tier as (

    select
        *,
        tier_code as counted_tier_code
    from reasoned
    union all
    select
        *,
        'all' as counted_tier_code
    from reasoned

),

counted as (

    select
        cast(date_trunc('month', lost_on) as date) as month,
        counted_tier_code as tier_code,
        reason_code,
        cast(count(*) as bigint) as loss_count,
        cast(count(case when is_stated then 1 end) as bigint) as stated_count,
        cast(count(case when is_inferred then 1 end) as bigint) as inferred_count,
        cast(count(case when is_won_back then 1 end) as bigint) as won_back_count,
        cast(sum(value_lost_amount) as decimal(28, 4)) as value_lost_amount
    from by_tier
    group by cast(date_trunc('month', lost_on) as date), counted_tier_code, reason_code

)

select * from counted

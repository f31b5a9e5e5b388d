with counted as (

    select * from {{ ref('int_loss_reasons__counted') }}

),

labels as (

    select * from {{ ref('labels') }}

),

reason_names as (

    select
        code as reason_code,
        label_en,
        label_zh
    from labels
    where list_code = 'loss_reason'
    union all
    select
        'unknown' as reason_code,
        label_en,
        label_zh
    from labels
    where list_code = 'absence' and code = 'loss_reason'

),

-- Pareto: the dearest reason first.
ranked as (

    select
        *,
        cast(row_number() over (
            partition by month, tier_code
            order by
                value_lost_amount desc nulls last,
                loss_count desc nulls last,
                reason_code asc nulls last
        ) as bigint) as reason_rank
    from counted

),

-- Of a sum that is not above 0 there are no shares.
summed as (

    select
        *,
        cast(sum(value_lost_amount) over (partition by month, tier_code) as double)
            as month_amount,
        cast(sum(value_lost_amount) over (
            partition by month, tier_code order by reason_rank nulls last
        ) as double) as amount_so_far
    from ranked

),

churn_reasons as (

    select
        summed.month,
        summed.tier_code,
        summed.reason_code,
        reason_names.label_en as reason_en,
        reason_names.label_zh as reason_zh,
        summed.reason_rank,
        summed.loss_count,
        summed.stated_count,
        summed.inferred_count,
        summed.won_back_count,
        summed.value_lost_amount,
        case
            when summed.month_amount > 0
                then
                    cast(summed.value_lost_amount as double)
                    / nullif(summed.month_amount, 0)
        end as value_share,
        case
            when summed.month_amount > 0
                then summed.amount_so_far / nullif(summed.month_amount, 0)
        end as cumulative_share
    from summed
    inner join reason_names
        on summed.reason_code = reason_names.reason_code

)

select * from churn_reasons

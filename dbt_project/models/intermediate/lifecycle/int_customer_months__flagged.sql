-- A customer's month is that of an evaluation: each month has exactly one.
with staged as (

    {{ touched_rows(ref('int_lifecycle__staged')) }}

),

tiers as (

    {{ touched_rows(ref('int_tiers__evaluated')) }}

),

losses as (

    select * from {{ ref('int_losses__dated') }}

),

purchases as (

    select * from {{ ref('int_purchases__sequenced') }}

),

movements as (

    select * from {{ ref('int_revenue__movements') }}

),

lifecycle_policies as (

    select * from {{ ref('lifecycle_policies') }}

),

first_to_build as (

    select cast(date_trunc('month', min(evaluation_date)) as date) as month_date
    from staged

),

purchases_by_month as (

    select
        purchases.customer_key,
        cast(date_trunc('month', purchases.purchased_on) as date) as month_date,
        count(*) as purchase_day_count,
        min(purchases.purchase_number) = 1 as is_first
    from purchases
    cross join first_to_build
    where purchases.called_off_on is null and purchases.purchased_on >= first_to_build.month_date
    group by
        purchases.customer_key, cast(date_trunc('month', purchases.purchased_on) as date)

),

revenue_by_month as (

    select
        movements.customer_key,
        cast(date_trunc('month', movements.moved_on) as date) as month_date,
        cast(sum(movements.amount) as decimal(18, 4)) as amount
    from movements
    cross join first_to_build
    where
        movements.amount is not null
        and movements.customer_key is not null
        and movements.moved_on >= first_to_build.month_date
    group by movements.customer_key, cast(date_trunc('month', movements.moved_on) as date)

),

changes as (

    select
        customer_key,
        cast(date_trunc('month', lost_on) as date) as month_date,
        1 as loss_count,
        0 as return_count
    from losses
    union all
    select
        customer_key,
        cast(date_trunc('month', returned_on) as date) as month_date,
        0 as loss_count,
        1 as return_count
    from losses
    where returned_on is not null

),

changes_by_month as (

    select
        customer_key,
        month_date,
        sum(loss_count) as loss_count,
        sum(return_count) as return_count
    from changes
    group by customer_key, month_date

),

-- Rows are found for each month first, and only then the policy: DuckDB would think the
-- policies' months to be few, and hold them all while it looks at what is looked up.
months as (

    select
        staged.customer_key,
        cast(date_trunc('month', staged.evaluation_date) as date) as month_date,
        staged.evaluation_date,
        staged.evaluation_number,
        staged.is_provisional,
        staged.policy_customer_type,
        staged.lifecycle_stage,
        staged.loss_kind,
        staged.has_running_contract,
        staged.value_365_amount,
        tiers.tier_code,
        tiers.tier_rank,
        tiers.previous_tier_rank
    from staged
    left join tiers
        on staged.customer_key = tiers.customer_key
        and staged.evaluation_number = tiers.evaluation_number

),

months_with_events as (

    select
        months.*,
        purchases_by_month.customer_key is not null as is_active,
        coalesce(purchases_by_month.is_first, false) as is_new_customer,
        coalesce(changes_by_month.loss_count > 0, false) as is_lost_in_month,
        coalesce(changes_by_month.return_count > 0, false) as is_won_back_in_month,
        coalesce(purchases_by_month.purchase_day_count, 0) as purchase_day_count,
        coalesce(revenue_by_month.amount, 0) as net_revenue_amount
    from months
    left join purchases_by_month
        on months.customer_key = purchases_by_month.customer_key
        and months.month_date = purchases_by_month.month_date
    left join revenue_by_month
        on months.customer_key = revenue_by_month.customer_key
        and months.month_date = revenue_by_month.month_date
    left join changes_by_month
        on months.customer_key = changes_by_month.customer_key
        and months.month_date = changes_by_month.month_date

),

flagged as (

    select
        months.customer_key,
        months.month_date,
        months.evaluation_date,
        months.evaluation_number,
        months.is_provisional,
        months.policy_customer_type,
        months.lifecycle_stage,
        months.loss_kind,
        months.tier_code,
        months.tier_rank,
        months.previous_tier_rank,
        months.is_active,
        months.is_new_customer,
        months.is_lost_in_month,
        months.is_won_back_in_month,
        coalesce(months.tier_rank >= lifecycle_policies.high_value_tier_rank, false)
            as is_high_value,
        months.has_running_contract,
        months.purchase_day_count,
        months.net_revenue_amount,
        months.value_365_amount
    from months_with_events as months
    inner join lifecycle_policies
        on months.policy_customer_type = lifecycle_policies.customer_type
        and months.evaluation_date >= lifecycle_policies.valid_from
        and months.evaluation_date <= lifecycle_policies.valid_to

)

select * from flagged

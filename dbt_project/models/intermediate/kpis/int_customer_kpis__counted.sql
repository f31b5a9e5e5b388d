-- Who stays, who is lost, who rises and who falls.
with customer_months as (

    select * from {{ ref('int_customer_months__flagged') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

lifecycle_policies as (

    select * from {{ ref('lifecycle_policies') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

months_held as (

    select
        customer_key,
        evaluation_number,
        evaluation_date
    from customer_months
    where lifecycle_stage not in ('prospect', 'lost')

),

-- Who was ours when the month began can be lost in it, and who was a year before can be
-- retained; of a month that still runs, a year is not yet over. A preview moves nobody to
-- another tier, and the tier of a lost customer falls because they are lost: that is
-- churn, and counted there.
watched as (

    select
        months.customer_key,
        months.policy_customer_type,
        months.month_date,
        months.lifecycle_stage <> 'lost' as is_retained,
        months.is_lost_in_month,
        months.tier_rank > months.previous_tier_rank as has_risen,
        months.tier_rank < months.previous_tier_rank as has_fallen,
        held_before.customer_key is not null as can_be_lost,
        not months.is_provisional
        and months.previous_tier_rank is not null
        and months.lifecycle_stage not in ('prospect', 'lost') as can_move,
        case
            when not months.is_provisional then held_a_year_before.evaluation_date + 1
        end as held_from
    from customer_months as months
    left join months_held as held_before
        on months.customer_key = held_before.customer_key
        and months.evaluation_number - 1 = held_before.evaluation_number
    left join months_held as held_a_year_before
        on months.customer_key = held_a_year_before.customer_key
        and months.evaluation_number - 12 = held_a_year_before.evaluation_number

),

-- The tier at the beginning of what is watched: who falls is still among those fallen from.
counts_of_the_month as (

    select
        watched.month_date,
        customers.customer_type,
        customers.region,
        tiers.tier_code,
        count(case when watched.can_be_lost then 1 end) as churn_watched_count,
        count(case when watched.can_be_lost and watched.is_lost_in_month then 1 end)
            as churn_count,
        count(case
            when
                watched.can_be_lost
                and tiers.tier_rank >= lifecycle_policies.high_value_tier_rank
                then 1
        end) as high_value_watched_count,
        count(case
            when
                watched.can_be_lost
                and watched.is_lost_in_month
                and tiers.tier_rank >= lifecycle_policies.high_value_tier_rank
                then 1
        end) as high_value_churn_count,
        count(case when watched.can_move then 1 end) as tier_watched_count,
        count(case when watched.can_move and watched.has_risen then 1 end) as upgrade_count,
        count(case when watched.can_move and watched.has_fallen then 1 end) as downgrade_count
    from watched
    left join customers
        on watched.customer_key = customers.customer_key
    left join lifecycle_policies
        on watched.policy_customer_type = lifecycle_policies.customer_type
        and watched.month_date >= lifecycle_policies.valid_from
        and watched.month_date <= lifecycle_policies.valid_to
    left join tiers
        on watched.customer_key = tiers.customer_key
        and watched.month_date >= tiers.valid_from
        and watched.month_date <= {{ or_forever('tiers.valid_to') }}
    where watched.can_be_lost or watched.can_move
    group by watched.month_date, customers.customer_type, customers.region, tiers.tier_code

),

counts_of_a_year as (

    select
        watched.month_date,
        customers.customer_type,
        customers.region,
        tiers.tier_code,
        count(*) as retention_watched_count,
        count(case when watched.is_retained then 1 end) as retention_count
    from watched
    left join customers
        on watched.customer_key = customers.customer_key
    left join tiers
        on watched.customer_key = tiers.customer_key
        and watched.held_from >= tiers.valid_from
        and watched.held_from <= {{ or_forever('tiers.valid_to') }}
    where watched.held_from is not null
    group by watched.month_date, customers.customer_type, customers.region, tiers.tier_code

),

counts as (

    select
        'churn_rate' as kpi_code,
        month_date,
        customer_type,
        region,
        tier_code,
        churn_count as counted_count,
        churn_watched_count as watched_count
    from counts_of_the_month
    union all
    select
        'high_value_churn_rate' as kpi_code,
        month_date,
        customer_type,
        region,
        tier_code,
        high_value_churn_count as counted_count,
        high_value_watched_count as watched_count
    from counts_of_the_month
    union all
    select
        'retention_rate' as kpi_code,
        month_date,
        customer_type,
        region,
        tier_code,
        retention_count as counted_count,
        retention_watched_count as watched_count
    from counts_of_a_year
    union all
    select
        'upgrade_rate' as kpi_code,
        month_date,
        customer_type,
        region,
        tier_code,
        upgrade_count as counted_count,
        tier_watched_count as watched_count
    from counts_of_the_month
    union all
    select
        'downgrade_rate' as kpi_code,
        month_date,
        customer_type,
        region,
        tier_code,
        downgrade_count as counted_count,
        tier_watched_count as watched_count
    from counts_of_the_month

),

counted as (

    select *
    from counts
    where watched_count > 0

)

select * from counted

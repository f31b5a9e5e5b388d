-- Who stays, who is lost, who rises and who falls.
with staged as (

    select * from {{ ref('int_lifecycle__staged') }}

),

losses as (

    select * from {{ ref('int_losses__dated') }}

),

lifecycle_policies as (

    select * from {{ ref('lifecycle_policies') }}

),

evaluated_tiers as (

    select * from {{ ref('int_tiers__evaluated') }}

),

tiers_in_force as (

    select * from {{ ref('int_tiers__in_force') }}

),

-- Each month has one evaluation: at its end, or on the run's day while it runs.
months as (

    select
        customer_key,
        policy_customer_type,
        evaluation_number,
        evaluation_date,
        cast(date_trunc('month', evaluation_date) as date) as month_date,
        is_provisional,
        lifecycle_stage
    from staged

),

customers_held as (

    select *
    from months
    where lifecycle_stage not in ('prospect', 'lost')

),

losses_by_month as (

    select distinct
        customer_key,
        cast(date_trunc('month', lost_on) as date) as month_date
    from losses

),

customers_to_lose as (

    select
        months.customer_key,
        months.policy_customer_type,
        months.month_date,
        losses_by_month.customer_key is not null as is_lost
    from months
    inner join customers_held
        on months.customer_key = customers_held.customer_key
        and months.evaluation_number - 1 = customers_held.evaluation_number
    left join losses_by_month
        on months.customer_key = losses_by_month.customer_key
        and months.month_date = losses_by_month.month_date

),

high_value_customers_to_lose as (

    select customers_to_lose.*
    from customers_to_lose
    inner join lifecycle_policies
        on customers_to_lose.policy_customer_type = lifecycle_policies.customer_type
        and customers_to_lose.month_date >= lifecycle_policies.valid_from
        and customers_to_lose.month_date <= lifecycle_policies.valid_to
    inner join tiers_in_force
        on customers_to_lose.customer_key = tiers_in_force.customer_key
        and customers_to_lose.month_date >= tiers_in_force.valid_from
        and coalesce(customers_to_lose.month_date <= tiers_in_force.valid_to, true)
        and lifecycle_policies.high_value_tier_rank <= tiers_in_force.tier_rank

),

-- Of a month that still runs, a year is not yet over.
customers_of_a_year_before as (

    select
        months.customer_key,
        months.month_date,
        customers_held.evaluation_date + 1 as tier_date,
        months.lifecycle_stage <> 'lost' as is_retained
    from months
    inner join customers_held
        on months.customer_key = customers_held.customer_key
        and months.evaluation_number - 12 = customers_held.evaluation_number
    where not months.is_provisional

),

-- A preview moves nobody to another tier, and the tier of a lost customer falls because
-- they are lost: that is churn, and counted there.
tier_holders as (

    select
        evaluated_tiers.customer_key,
        customers_held.month_date,
        evaluated_tiers.tier_rank > evaluated_tiers.previous_tier_rank as has_risen,
        evaluated_tiers.tier_rank < evaluated_tiers.previous_tier_rank as has_fallen
    from evaluated_tiers
    inner join customers_held
        on evaluated_tiers.customer_key = customers_held.customer_key
        and evaluated_tiers.evaluation_date = customers_held.evaluation_date
    where not evaluated_tiers.is_provisional and evaluated_tiers.previous_tier_rank is not null

),

counted as (

    select
        'churn_rate' as kpi_code,
        month_date,
        customer_key,
        month_date as tier_date,
        is_lost as is_counted
    from customers_to_lose
    union all
    select
        'high_value_churn_rate' as kpi_code,
        month_date,
        customer_key,
        month_date as tier_date,
        is_lost as is_counted
    from high_value_customers_to_lose
    union all
    select
        'retention_rate' as kpi_code,
        month_date,
        customer_key,
        tier_date,
        is_retained as is_counted
    from customers_of_a_year_before
    union all
    select
        'upgrade_rate' as kpi_code,
        month_date,
        customer_key,
        month_date as tier_date,
        has_risen as is_counted
    from tier_holders
    union all
    select
        'downgrade_rate' as kpi_code,
        month_date,
        customer_key,
        month_date as tier_date,
        has_fallen as is_counted
    from tier_holders

)

select * from counted

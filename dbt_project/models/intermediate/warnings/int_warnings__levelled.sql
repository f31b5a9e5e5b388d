with customers as (

    select * from {{ ref('int_customers__watched') }}

),

indicators as (

    select * from {{ ref('int_indicators__fired') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

outcomes as (

    select * from {{ ref('warning_outcomes') }}

),

decisions as (

    select * from {{ ref('int_decisions__in_force') }}

),

closed_today as (

    select * from {{ ref('int_warnings__closed') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

earlier_openings as (

    select
        records.customer_key,
        decisions.warning_id
    from decisions
    inner join records
        on decisions.namespace = records.namespace
        and decisions.record_id = records.record_id
    inner join customers
        on records.customer_key = customers.customer_key
        and decisions.decided_on < customers.as_of_date
    where decisions.kind = 'opened'

),

closings as (

    select
        decisions.warning_id,
        decisions.closed_on,
        decisions.outcome
    from decisions
    inner join earlier_openings
        on decisions.warning_id = earlier_openings.warning_id
    inner join customers
        on earlier_openings.customer_key = customers.customer_key
        and decisions.decided_on < customers.as_of_date
    where decisions.kind = 'closed'
    union all
    select
        warning_id,
        closed_on,
        outcome
    from closed_today

),

-- One warning an episode: none while another is open, nor while the last one cools down.
blocked_customers as (

    select distinct earlier_openings.customer_key
    from earlier_openings
    inner join customers
        on earlier_openings.customer_key = customers.customer_key
    left join closings
        on earlier_openings.warning_id = closings.warning_id
    left join outcomes
        on closings.outcome = outcomes.outcome
        and customers.as_of_date >= outcomes.valid_from
        and customers.as_of_date <= outcomes.valid_to
    where
        closings.warning_id is null
        or customers.as_of_date <= closings.closed_on + coalesce(outcomes.cool_down_days, 0)

),

fired_indicators as (

    select
        customer_key,
        count(case when level_fired = 'red' then 1 end) as red_count,
        count(case when level_fired in ('red', 'orange') then 1 end) as grave_count
    from indicators
    group by customer_key

),

at_risk as (

    select
        customers.customer_key,
        customers.as_of_date,
        customers.tier_code,
        customers.tier_rank,
        customers.lifecycle_stage,
        customers.owner_staff_id,
        customers.reason_count,
        customers.least_reason_log_odds,
        customers.horizon_days,
        customers.control_share,
        customers.value_365_amount,
        customers.churn_probability,
        customers.value_at_risk_amount,
        customers.model_version,
        coalesce(fired_indicators.red_count, 0) as red_count,
        coalesce(fired_indicators.grave_count, 0) as grave_count
    from customers
    left join fired_indicators
        on customers.customer_key = fired_indicators.customer_key
    left join blocked_customers
        on customers.customer_key = blocked_customers.customer_key
    where customers.is_eligible and blocked_customers.customer_key is null

),

-- The first rule that holds gives the level; without a rule nothing opens. A bar on what
-- is not known, as of a customer without a score, is not reached.
levelled as (

    select
        at_risk.customer_key,
        at_risk.as_of_date,
        at_risk.tier_code,
        at_risk.lifecycle_stage,
        at_risk.owner_staff_id,
        at_risk.reason_count,
        at_risk.least_reason_log_odds,
        at_risk.control_share,
        at_risk.churn_probability,
        at_risk.model_version,
        levels.level,
        coalesce(
            at_risk.value_at_risk_amount,
            {{ rounded(
                'greatest(cast(at_risk.value_365_amount as double), 0) * at_risk.horizon_days / 365 '
                '* cast(levels.assumed_loss_share as double)',
                18, 4
            ) }}
        ) as expected_loss_amount
    from at_risk
    inner join levels
        on at_risk.red_count >= levels.least_red_count
        and at_risk.grave_count >= levels.least_grave_count
        and at_risk.tier_rank >= levels.least_tier_rank
        and (
            levels.least_churn_probability is null
            or at_risk.churn_probability >= levels.least_churn_probability
        )
        and (
            levels.least_value_at_risk_amount is null
            or at_risk.value_at_risk_amount >= levels.least_value_at_risk_amount
        )
        and at_risk.as_of_date >= levels.valid_from
        and at_risk.as_of_date <= levels.valid_to
    qualify
        row_number() over (
            partition by at_risk.customer_key order by levels.rule_order nulls last
        ) = 1

)

select * from levelled

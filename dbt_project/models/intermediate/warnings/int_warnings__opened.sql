with customers as (

    select * from {{ ref('int_customers__watched') }}

),

indicators as (

    select * from {{ ref('int_indicators__fired') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

playbook as (

    select * from {{ ref('int_playbook__expanded') }}

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

numbered_indicators as (

    select
        *,
        row_number() over (
            partition by customer_key
            order by level_order nulls last, sort_order nulls last, indicator_code nulls last
        ) as reason_number
    from indicators
    where level_fired is not null

),

-- The gravest are told, all of them counted.
fired_indicators as (

    select
        numbered_indicators.*,
        case
            when numbered_indicators.reason_number <= customers.reason_count
                then numbered_indicators.indicator_code
        end as told_indicator_code,
        case
            when numbered_indicators.reason_number <= customers.reason_count
                then numbered_indicators.reason_en
        end as told_reason_en,
        case
            when numbered_indicators.reason_number <= customers.reason_count
                then numbered_indicators.reason_zh
        end as told_reason_zh
    from numbered_indicators
    inner join customers
        on numbered_indicators.customer_key = customers.customer_key

),

at_risk as (

    select
        customers.customer_key,
        customers.as_of_date,
        customers.tier_code,
        customers.tier_rank,
        customers.lifecycle_stage,
        customers.owner_staff_id,
        customers.horizon_days,
        customers.control_share,
        customers.value_365_amount,
        customers.model_version,
        count(case when fired_indicators.level_fired = 'red' then 1 end) as red_count,
        count(case when fired_indicators.level_fired in ('red', 'orange') then 1 end)
            as grave_count,
        max(case when fired_indicators.reason_number = 1 then fired_indicators.reason_class end)
            as gravest_reason_class,
        {{ sorted_list(
            'fired_indicators.told_indicator_code', 'fired_indicators.reason_number', ';'
        ) }} as reason_codes,
        {{ sorted_list(
            'fired_indicators.told_reason_en', 'fired_indicators.reason_number', '; '
        ) }} as reasons_en,
        {{ sorted_list(
            'fired_indicators.told_reason_zh', 'fired_indicators.reason_number', '；'
        ) }} as reasons_zh
    from customers
    inner join fired_indicators
        on customers.customer_key = fired_indicators.customer_key
    left join blocked_customers
        on customers.customer_key = blocked_customers.customer_key
    where customers.is_eligible and blocked_customers.customer_key is null
    group by
        customers.customer_key,
        customers.as_of_date,
        customers.tier_code,
        customers.tier_rank,
        customers.lifecycle_stage,
        customers.owner_staff_id,
        customers.horizon_days,
        customers.control_share,
        customers.value_365_amount,
        customers.model_version

),

-- The first rule that holds gives the level; without a rule nothing opens.
levelled as (

    select
        at_risk.*,
        levels.level,
        levels.assumed_loss_share
    from at_risk
    inner join levels
        on at_risk.red_count >= levels.least_red_count
        and at_risk.grave_count >= levels.least_grave_count
        and at_risk.tier_rank >= levels.least_tier_rank
        and at_risk.as_of_date >= levels.valid_from
        and at_risk.as_of_date <= levels.valid_to
    qualify
        row_number() over (
            partition by at_risk.customer_key order by levels.rule_order nulls last
        ) = 1

),

-- The customer's oldest record, whose hash is the customer's key.
identified as (

    select
        levelled.*,
        records.namespace,
        records.record_id,
        'W' || left(
            md5(
                records.namespace || '|' || records.record_id || '|'
                || cast(levelled.as_of_date as string)
            ), 12
        ) as warning_id
    from levelled
    inner join records
        on levelled.customer_key = records.customer_key
        and levelled.customer_key
        = {{ surrogate_key(['records.namespace', 'records.record_id']) }}

),

-- Chance leaves some alone, to measure what acting is worth.
assigned as (

    select
        *,
        {{ hash_share('warning_id') }} < control_share as is_control
    from identified

),

acted_on as (

    select
        assigned.warning_id,
        playbook.action_code,
        playbook.due_days
    from assigned
    inner join playbook
        on coalesce(assigned.tier_code, 'none') = playbook.tier_code
        and assigned.lifecycle_stage = playbook.lifecycle_stage
        and assigned.level = playbook.warning_level
        and assigned.gravest_reason_class = playbook.reason_class
    where not assigned.is_control

),

opened as (

    select
        assigned.warning_id,
        assigned.namespace,
        assigned.record_id,
        assigned.customer_key,
        assigned.level,
        assigned.tier_code,
        assigned.lifecycle_stage,
        assigned.reason_codes,
        assigned.reasons_en,
        assigned.reasons_zh,
        {{ rounded(
            'greatest(cast(assigned.value_365_amount as double), 0) * assigned.horizon_days / 365 '
            '* cast(assigned.assumed_loss_share as double)',
            18, 4
        ) }} as expected_loss_amount,
        assigned.owner_staff_id,
        acted_on.action_code,
        assigned.is_control,
        assigned.model_version,
        assigned.as_of_date as opened_on,
        assigned.as_of_date + acted_on.due_days as due_on
    from assigned
    left join acted_on
        on assigned.warning_id = acted_on.warning_id

)

select * from opened

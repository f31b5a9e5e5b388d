with customers as (

    select * from {{ ref('int_customers__golden') }}

),

tiers as (

    select * from {{ ref('int_tiers__current') }}

),

stages as (

    select * from {{ ref('int_lifecycle__staged') }}

),

warnings as (

    select * from {{ ref('int_warnings__leading') }}

),

indicators as (

    select * from {{ ref('warning_indicators') }}

),

features as (

    select * from {{ ref('churn_features') }}

),

losses as (

    select * from {{ ref('int_losses__explained') }}

),

tickets as (

    select * from {{ ref('int_tickets__measured') }}

),

permissions as (

    select * from {{ ref('int_marketing_permissions__told') }}

),

playbook as (

    select * from {{ ref('int_playbook__expanded') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

latest_stages as (

    select
        customer_key,
        lifecycle_stage,
        lifecycle_stage = 'lost' as is_lost
    from stages
    where is_latest

),

standing_losses as (

    select
        losses.customer_key,
        losses.reason_class
    from losses
    inner join latest_stages
        on losses.customer_key = latest_stages.customer_key
    where latest_stages.is_lost and not losses.is_won_back

),

-- Chance leaves a control alone: nothing is done because of its warning, but what is
-- done anyhow.
acted_on_warnings as (

    select
        warnings.customer_key,
        warnings.warning_id,
        coalesce(warnings.tier_code, 'none') as tier_code,
        warnings.lifecycle_stage,
        warnings.level,
        coalesce(indicators.reason_class, features.reason_class, 'none') as reason_class
    from warnings
    inner join latest_stages
        on warnings.customer_key = latest_stages.customer_key
    cross join parameters
    left join indicators
        on split_part(warnings.reason_codes, ';', 1) = indicators.indicator_code
        and parameters.as_of_date >= indicators.valid_from
        and parameters.as_of_date <= indicators.valid_to
    left join features
        on split_part(warnings.reason_codes, ';', 1) = features.feature_code
    where not latest_stages.is_lost and not warnings.is_control

),

open_complaints as (

    select distinct customer_key
    from tickets
    where kind = 'complaint' and is_open

),

-- The stage is that of the run's day, as it is where a warning is opened. A warning stands
-- as it was opened, so that nobody is told of one action here and of another there. Whoever
-- complains and is not warned of is not sold to either. A no to marketing counts at once.
situations as (

    select
        customers.customer_key,
        tiers.tier_code,
        coalesce(warnings.tier_code, tiers.tier_code, 'none') as playbook_tier_code,
        latest_stages.lifecycle_stage,
        coalesce(warnings.lifecycle_stage, latest_stages.lifecycle_stage) as playbook_stage,
        coalesce(warnings.level, 'none') as warning_level,
        coalesce(
            warnings.reason_class,
            losses.reason_class,
            case
                when open_complaints.customer_key is not null and not latest_stages.is_lost
                    then 'complaint'
            end,
            'none'
        ) as reason_class,
        permissions.marketing_permission,
        warnings.warning_id
    from customers
    inner join latest_stages
        on customers.customer_key = latest_stages.customer_key
    inner join permissions
        on customers.customer_key = permissions.customer_key
    left join tiers
        on customers.customer_key = tiers.customer_key
    left join acted_on_warnings as warnings
        on customers.customer_key = warnings.customer_key
    left join standing_losses as losses
        on customers.customer_key = losses.customer_key
    left join open_complaints
        on customers.customer_key = open_complaints.customer_key

),

applied as (

    select
        situations.customer_key,
        situations.tier_code,
        situations.lifecycle_stage,
        situations.warning_level,
        situations.reason_class,
        situations.marketing_permission,
        situations.warning_id,
        playbook.rule_order,
        playbook.strategy_code,
        playbook.action_code,
        playbook.channel,
        playbook.owner_role,
        playbook.due_days,
        playbook.note_en,
        playbook.note_zh
    from situations
    inner join playbook
        on situations.playbook_tier_code = playbook.tier_code
        and situations.playbook_stage = playbook.lifecycle_stage
        and situations.warning_level = playbook.warning_level
        and situations.reason_class = playbook.reason_class
        and situations.marketing_permission = playbook.marketing_permission

)

select * from applied

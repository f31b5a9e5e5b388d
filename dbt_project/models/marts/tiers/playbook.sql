with expanded as (

    select * from {{ ref('int_playbook__expanded') }}

),

labels as (

    select * from {{ ref('labels') }}

),

playbook as (

    select
        expanded.tier_code,
        expanded.lifecycle_stage,
        expanded.warning_level,
        expanded.reason_class,
        expanded.marketing_permission,
        coalesce(tiers.label_en, no_tier.label_en) as tier_en,
        coalesce(tiers.label_zh, no_tier.label_zh) as tier_zh,
        lifecycle_stages.label_en as lifecycle_stage_en,
        lifecycle_stages.label_zh as lifecycle_stage_zh,
        coalesce(levels.label_en, no_level.label_en) as warning_level_en,
        coalesce(levels.label_zh, no_level.label_zh) as warning_level_zh,
        reason_classes.label_en as reason_class_en,
        reason_classes.label_zh as reason_class_zh,
        permissions.label_en as marketing_permission_en,
        permissions.label_zh as marketing_permission_zh,
        expanded.strategy_code,
        strategies.label_en as strategy_en,
        strategies.label_zh as strategy_zh,
        expanded.action_code,
        actions.label_en as action_en,
        actions.label_zh as action_zh,
        expanded.channel,
        channels.label_en as channel_en,
        channels.label_zh as channel_zh,
        expanded.owner_role,
        owner_roles.label_en as owner_role_en,
        owner_roles.label_zh as owner_role_zh,
        expanded.due_days,
        expanded.note_en,
        expanded.note_zh,
        expanded.rule_order
    from expanded
    inner join labels as no_tier
        on no_tier.list_code = 'absence' and no_tier.code = 'tier'
    inner join labels as no_level
        on no_level.list_code = 'absence' and no_level.code = 'warning_level'
    left join labels as tiers
        on tiers.list_code = 'tier' and expanded.tier_code = tiers.code
    left join labels as lifecycle_stages
        on lifecycle_stages.list_code = 'lifecycle_stage'
        and expanded.lifecycle_stage = lifecycle_stages.code
    left join labels as levels
        on levels.list_code = 'warning_level' and expanded.warning_level = levels.code
    left join labels as reason_classes
        on reason_classes.list_code = 'reason_class'
        and expanded.reason_class = reason_classes.code
    left join labels as permissions
        on permissions.list_code = 'marketing_permission'
        and expanded.marketing_permission = permissions.code
    left join labels as strategies
        on strategies.list_code = 'strategy' and expanded.strategy_code = strategies.code
    left join labels as actions
        on actions.list_code = 'action' and expanded.action_code = actions.code
    left join labels as channels
        on channels.list_code = 'interaction_kind' and expanded.channel = channels.code
    left join labels as owner_roles
        on owner_roles.list_code = 'owner_role' and expanded.owner_role = owner_roles.code

)

select * from playbook

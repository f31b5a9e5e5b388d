with lines as (

    {{ valid_on_run_day(ref('playbook_lines')) }}

),

labels as (

    select * from {{ ref('labels') }}

),

-- No tier and no warning are cases as well: of a prospect, of most customers.
tiers as (

    select code as tier_code
    from labels
    where list_code = 'tier'
    union all
    select 'none' as tier_code

),

levels as (

    select code as warning_level
    from labels
    where list_code = 'warning_level'
    union all
    select 'none' as warning_level

),

combinations as (

    select
        tiers.tier_code,
        lifecycle_stages.code as lifecycle_stage,
        levels.warning_level,
        reason_classes.code as reason_class,
        permissions.code as marketing_permission
    from tiers
    cross join levels
    inner join labels as lifecycle_stages
        on lifecycle_stages.list_code = 'lifecycle_stage'
    inner join labels as reason_classes
        on reason_classes.list_code = 'reason_class'
    inner join labels as permissions
        on permissions.list_code = 'marketing_permission'

),

-- The first line that fits decides.
expanded as (

    select
        combinations.tier_code,
        combinations.lifecycle_stage,
        combinations.warning_level,
        combinations.reason_class,
        combinations.marketing_permission,
        lines.rule_order,
        lines.strategy_code,
        lines.action_code,
        lines.channel,
        lines.owner_role,
        lines.due_days,
        lines.note_en,
        lines.note_zh
    from combinations
    left join lines
        on lines.tier_code in ('all', combinations.tier_code)
        and lines.lifecycle_stage in ('all', combinations.lifecycle_stage)
        and lines.warning_level in ('all', combinations.warning_level)
        and lines.reason_class in ('all', combinations.reason_class)
        and lines.marketing_permission in ('all', combinations.marketing_permission)
    qualify
        row_number() over (
            partition by
                combinations.tier_code,
                combinations.lifecycle_stage,
                combinations.warning_level,
                combinations.reason_class,
                combinations.marketing_permission
            order by lines.rule_order nulls last
        ) = 1

)

select * from expanded

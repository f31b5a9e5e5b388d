with lines as (

    select * from {{ ref('playbook_lines') }}

),

labels as (

    select * from {{ ref('labels') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

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
        reason_classes.code as reason_class
    from tiers
    cross join levels
    inner join labels as lifecycle_stages
        on lifecycle_stages.list_code = 'lifecycle_stage'
    inner join labels as reason_classes
        on reason_classes.list_code = 'reason_class'

),

lines_in_force as (

    select lines.*
    from lines
    inner join parameters
        on lines.valid_from <= parameters.as_of_date
        and lines.valid_to >= parameters.as_of_date

),

-- The first line that fits decides.
expanded as (

    select
        combinations.tier_code,
        combinations.lifecycle_stage,
        combinations.warning_level,
        combinations.reason_class,
        lines_in_force.rule_order,
        lines_in_force.strategy_code,
        lines_in_force.action_code,
        lines_in_force.channel,
        lines_in_force.owner_role,
        lines_in_force.due_days,
        lines_in_force.note_en,
        lines_in_force.note_zh
    from combinations
    left join lines_in_force
        on lines_in_force.tier_code in ('all', combinations.tier_code)
        and lines_in_force.lifecycle_stage in ('all', combinations.lifecycle_stage)
        and lines_in_force.warning_level in ('all', combinations.warning_level)
        and lines_in_force.reason_class in ('all', combinations.reason_class)
    qualify
        row_number() over (
            partition by
                combinations.tier_code,
                combinations.lifecycle_stage,
                combinations.warning_level,
                combinations.reason_class
            order by lines_in_force.rule_order nulls last
        ) = 1

)

select * from expanded

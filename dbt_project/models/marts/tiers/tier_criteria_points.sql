with measured as (

    {{ touched_rows(ref('int_tier_criteria__measured')) }}

),

evaluated as (

    {{ touched_rows(ref('int_tiers__evaluated')) }}

),

-- Whatever is told in words: changes, tiers that are held, and the newest evaluation.
worded as (

    {{ touched_rows(ref('int_tiers__worded')) }}

),

criteria as (

    select * from {{ ref('tier_criteria') }}

),

told as (

    select
        {% for code in tier_criterion_codes() -%}
            measured.{{ code }}_measure,
        {% endfor -%}
        evaluated.*
    from evaluated
    inner join worded
        on evaluated.customer_key = worded.customer_key
        and evaluated.evaluation_date = worded.evaluation_date
    inner join measured
        on evaluated.customer_key = measured.customer_key
        and evaluated.evaluation_date = measured.evaluation_date
        and measured.scenario = 'live'

),

points_by_criterion as (

    {% for code in tier_criterion_codes() -%}
        select
            customer_key,
            evaluation_date,
            is_provisional,
            policy_code,
            policy_version,
            '{{ code }}' as criterion_code,
            {{ code }}_measure as measure_value,
            {{ code }}_points as points
        from told
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}

),

tier_criteria_points as (

    select
        points_by_criterion.customer_key,
        points_by_criterion.evaluation_date,
        points_by_criterion.criterion_code,
        points_by_criterion.is_provisional,
        points_by_criterion.policy_code,
        points_by_criterion.policy_version,
        criteria.label_en,
        criteria.label_zh,
        criteria.measure,
        criteria.measure_code,
        criteria.window_days,
        points_by_criterion.measure_value,
        points_by_criterion.points,
        criteria.weight
    from points_by_criterion
    inner join criteria
        on points_by_criterion.policy_code = criteria.policy_code
        and points_by_criterion.policy_version = criteria.policy_version
        and points_by_criterion.criterion_code = criteria.criterion_code

)

select * from tier_criteria_points

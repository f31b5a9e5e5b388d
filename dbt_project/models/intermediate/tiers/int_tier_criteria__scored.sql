{%- set criterion_codes = tier_criterion_codes() -%}
with measured as (

    {{ touched_rows(ref('int_tier_criteria__measured')) }}

),

criteria as (

    select * from {{ ref('tier_criteria') }}

),

rows_to_score as (

    {{ touched_rows(ref('int_tier_criteria__measured')) }}

),

-- Read for themselves: what is read more than once is kept, with all that a row holds.
measures as (

    select
        {% for criterion_code in criterion_codes -%}
            {{ criterion_code }}_measure,
        {% endfor -%}
        policy_code,
        policy_version,
        evaluation_number
    from rows_to_score

),

-- Points hang on the value alone, so that equal values get equal points.
values_by_criterion as (

    {% for criterion_code in criterion_codes -%}
        select
            policy_code,
            policy_version,
            evaluation_number,
            '{{ criterion_code }}' as criterion_code,
            {{ criterion_code }}_measure as measure_value,
            count(*) as customer_count
        from measures
        where {{ criterion_code }}_measure is not null
        group by policy_code, policy_version, evaluation_number, {{ criterion_code }}_measure
        {%- if not loop.last %}
            union all
        {% endif -%}
    {% endfor %}

),

-- Nothing bought is no rank: such customers do not lift those above them. Doubles hold whole
-- numbers exactly; other sums are of 128 bits here, and a window over them takes longer.
ranked_values as (

    select
        *,
        sum(cast(customer_count as double)) over (
            partition by policy_code, policy_version, evaluation_number, criterion_code
            order by measure_value nulls last
            rows between unbounded preceding and current row
        ) as customer_count_up_to,
        sum(cast(customer_count as double)) over (
            partition by policy_code, policy_version, evaluation_number, criterion_code
        ) as customer_count_in_all
    from values_by_criterion
    where measure_value > 0

),

threshold_texts as (

    {{ split_items(
        'criteria', 'thresholds', "';'", ['policy_code', 'policy_version', 'criterion_code']
    ) }}

),

thresholds as (

    select
        policy_code,
        policy_version,
        criterion_code,
        cast(split_part(item, ':', 1) as decimal(18, 4)) as from_value,
        cast(split_part(item, ':', 2) as double) as points_share
    from threshold_texts

),

steps as (

    select
        *,
        lead(from_value) over (
            partition by policy_code, policy_version, criterion_code order by from_value nulls last
        ) as next_from_value
    from thresholds

),

shares as (

    -- The rank in the middle of those who share the value, as a part of all.
    select
        criteria.policy_code,
        criteria.policy_version,
        ranked_values.evaluation_number,
        criteria.criterion_code,
        ranked_values.measure_value,
        criteria.weight,
        cast(
            2 * ranked_values.customer_count_up_to - ranked_values.customer_count as double
        ) / nullif(2 * ranked_values.customer_count_in_all, 0) as points_share
    from ranked_values
    inner join criteria
        on ranked_values.policy_code = criteria.policy_code
        and ranked_values.policy_version = criteria.policy_version
        and ranked_values.criterion_code = criteria.criterion_code
        and criteria.scale = 'rank_share'
    union all
    select
        criteria.policy_code,
        criteria.policy_version,
        values_by_criterion.evaluation_number,
        criteria.criterion_code,
        values_by_criterion.measure_value,
        criteria.weight,
        steps.points_share
    from values_by_criterion
    inner join criteria
        on values_by_criterion.policy_code = criteria.policy_code
        and values_by_criterion.policy_version = criteria.policy_version
        and values_by_criterion.criterion_code = criteria.criterion_code
        and criteria.scale = 'thresholds'
    inner join steps
        on values_by_criterion.policy_code = steps.policy_code
        and values_by_criterion.policy_version = steps.policy_version
        and values_by_criterion.criterion_code = steps.criterion_code
        and values_by_criterion.measure_value >= steps.from_value
        and coalesce(values_by_criterion.measure_value < steps.next_from_value, true)

),

-- Rounded before they are added up and before any bar sees them.
points as (

    select
        policy_code,
        policy_version,
        evaluation_number,
        criterion_code,
        measure_value,
        {{ rounded('cast(weight as double) * points_share', 9, 6) }} as points
    from shares

),

-- What a policy gives where nothing is known of a criterion.
unknowns as (

    select
        {% for criterion_code in criterion_codes -%}
            cast(sum(case
                when criterion_code = '{{ criterion_code }}'
                    then {{ rounded('cast(weight as double) * unknown_share', 9, 6) }}
                else 0
            end) as decimal(9, 6)) as {{ criterion_code }}_points,
        {% endfor -%}
        policy_code,
        policy_version
    from criteria
    group by policy_code, policy_version

),

pointed as (

    select
        {% for criterion_code in criterion_codes -%}
            cast(case
                when measured.{{ criterion_code }}_measure is null
                    then unknowns.{{ criterion_code }}_points
                else coalesce({{ criterion_code }}_points.points, 0)
            end as decimal(9, 6)) as {{ criterion_code }}_points,
        {% endfor -%}
        measured.*
    from measured
    inner join unknowns
        on measured.policy_code = unknowns.policy_code
        and measured.policy_version = unknowns.policy_version
    {% for criterion_code in criterion_codes -%}
        left join points as {{ criterion_code }}_points
            on measured.policy_code = {{ criterion_code }}_points.policy_code
            and measured.policy_version = {{ criterion_code }}_points.policy_version
            and measured.evaluation_number = {{ criterion_code }}_points.evaluation_number
            and measured.{{ criterion_code }}_measure = {{ criterion_code }}_points.measure_value
            and {{ criterion_code }}_points.criterion_code = '{{ criterion_code }}'
    {% endfor %}

),

scored as (

    select
        scenario,
        customer_key,
        evaluation_date,
        evaluation_number,
        is_provisional,
        is_latest,
        policy_customer_type,
        policy_code,
        policy_version,
        value_365_amount,
        {% for criterion_code in criterion_codes -%}
            {{ criterion_code }}_points,
        {% endfor -%}
        cast(
            {% for criterion_code in criterion_codes -%}
                {{ criterion_code }}_points{{ ' +' if not loop.last }}
            {% endfor -%}
            as decimal(9, 6)
        ) as score
    from pointed

)

select * from scored

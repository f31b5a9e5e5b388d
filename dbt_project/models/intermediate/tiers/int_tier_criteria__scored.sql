{%- set criterion_codes = tier_criterion_codes() -%}
with measured as (

    {{ touched_rows(ref('int_tier_criteria__measured')) }}

),

criteria as (

    select * from {{ ref('tier_criteria') }}

),

-- Ranked and joined by numbers, which takes half as long as by codes.
versions as (

    select distinct
        policy_code,
        policy_version
    from criteria

),

numbered_versions as (

    select
        *,
        row_number() over (order by policy_code nulls last, policy_version nulls last)
            as version_number
    from versions

),

numbered_criteria as (

    select
        numbered_versions.version_number,
        case criteria.criterion_code
            {% for criterion_code in criterion_codes -%}
                when '{{ criterion_code }}' then {{ loop.index }}
            {% endfor -%}
        end as criterion_number,
        criteria.*
    from criteria
    inner join numbered_versions
        on criteria.policy_code = numbered_versions.policy_code
        and criteria.policy_version = numbered_versions.policy_version

),

numbered_measures as (

    select
        numbered_versions.version_number,
        measured.*
    from measured
    inner join numbered_versions
        on measured.policy_code = numbered_versions.policy_code
        and measured.policy_version = numbered_versions.policy_version

),

-- Points hang on the value alone, so that equal values get equal points.
values_by_criterion as (

    {% for criterion_code in criterion_codes -%}
        select
            version_number,
            evaluation_number,
            {{ loop.index }} as criterion_number,
            {{ criterion_code }}_measure as measure_value,
            count(*) as customer_count
        from numbered_measures
        where {{ criterion_code }}_measure is not null
        group by version_number, evaluation_number, {{ criterion_code }}_measure
        {%- if not loop.last %}
            union all
        {% endif -%}
    {% endfor %}

),

-- Nothing bought is no rank: such customers do not lift those above them.
ranked_values as (

    select
        *,
        sum(customer_count) over (
            partition by version_number, evaluation_number, criterion_number
            order by measure_value nulls last
            rows between unbounded preceding and current row
        ) as customer_count_up_to,
        sum(customer_count) over (
            partition by version_number, evaluation_number, criterion_number
        ) as customer_count_in_all
    from values_by_criterion
    where measure_value > 0

),

threshold_texts as (

    {{ split_items(
        'numbered_criteria', 'thresholds', "';'", ['version_number', 'criterion_number']
    ) }}

),

thresholds as (

    select
        version_number,
        criterion_number,
        cast(split_part(item, ':', 1) as decimal(18, 4)) as from_value,
        cast(split_part(item, ':', 2) as double) as points_share
    from threshold_texts

),

steps as (

    select
        *,
        lead(from_value) over (
            partition by version_number, criterion_number order by from_value nulls last
        ) as next_from_value
    from thresholds

),

shares as (

    -- The rank in the middle of those who share the value, as a part of all.
    select
        ranked_values.version_number,
        ranked_values.evaluation_number,
        ranked_values.criterion_number,
        ranked_values.measure_value,
        numbered_criteria.weight,
        cast(
            2 * ranked_values.customer_count_up_to - ranked_values.customer_count as double
        ) / nullif(2 * ranked_values.customer_count_in_all, 0) as points_share
    from ranked_values
    inner join numbered_criteria
        on ranked_values.version_number = numbered_criteria.version_number
        and ranked_values.criterion_number = numbered_criteria.criterion_number
        and numbered_criteria.scale = 'rank_share'
    union all
    select
        values_by_criterion.version_number,
        values_by_criterion.evaluation_number,
        values_by_criterion.criterion_number,
        values_by_criterion.measure_value,
        numbered_criteria.weight,
        steps.points_share
    from values_by_criterion
    inner join numbered_criteria
        on values_by_criterion.version_number = numbered_criteria.version_number
        and values_by_criterion.criterion_number = numbered_criteria.criterion_number
        and numbered_criteria.scale = 'thresholds'
    inner join steps
        on values_by_criterion.version_number = steps.version_number
        and values_by_criterion.criterion_number = steps.criterion_number
        and values_by_criterion.measure_value >= steps.from_value
        and coalesce(values_by_criterion.measure_value < steps.next_from_value, true)

),

-- Rounded before they are added up and before any bar sees them.
points as (

    select
        version_number,
        evaluation_number,
        criterion_number,
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
        version_number
    from numbered_criteria
    group by version_number

),

pointed as (

    select
        {% for criterion_code in criterion_codes -%}
            cast(case
                when numbered_measures.{{ criterion_code }}_measure is null
                    then unknowns.{{ criterion_code }}_points
                else coalesce({{ criterion_code }}_points.points, 0)
            end as decimal(9, 6)) as {{ criterion_code }}_points,
        {% endfor -%}
        numbered_measures.*
    from numbered_measures
    inner join unknowns
        on numbered_measures.version_number = unknowns.version_number
    {% for criterion_code in criterion_codes -%}
        left join points as {{ criterion_code }}_points
            on numbered_measures.version_number = {{ criterion_code }}_points.version_number
            and numbered_measures.evaluation_number = {{ criterion_code }}_points.evaluation_number
            and numbered_measures.{{ criterion_code }}_measure
            = {{ criterion_code }}_points.measure_value
            and {{ criterion_code }}_points.criterion_number = {{ loop.index }}
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

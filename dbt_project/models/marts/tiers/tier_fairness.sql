with compared as (

    select * from {{ ref('int_fairness__compared') }}

),

attributes as (

    select * from {{ ref('fairness_attributes') }}

),

with_intervals as (

    select
        *,
        cast(selected_count as double) as hits,
        cast(customer_count as double) as trials
    from compared

),

-- Rounding puts the lower bound of 0, and the upper of 1, a hair beyond it: it ends there.
tier_fairness as (

    select
        rates.scenario,
        rates.evaluation_date,
        rates.customer_type,
        rates.attribute_code,
        attributes.label_en as attribute_en,
        attributes.label_zh as attribute_zh,
        rates.group_code,
        rates.outcome_code,
        rates.tier_code,
        rates.customer_count,
        rates.selected_count,
        rates.selection_rate,
        {{ wilson_bound('rates.hits', 'rates.trials', -1) }} as rate_lower,
        {{ wilson_bound('rates.hits', 'rates.trials', 1) }} as rate_upper,
        rates.best_group_code,
        rates.ratio_to_best,
        rates.ratio_lower,
        rates.ratio_upper,
        rates.compared_count,
        rates.equal_value_rate,
        rates.equal_value_ratio,
        rates.equal_value_gap,
        rates.gap_lower,
        rates.gap_upper,
        rates.comparison_count,
        rates.is_enough,
        rates.finding_code,
        rates.is_flagged
    from with_intervals as rates
    inner join attributes
        on rates.attribute_code = attributes.attribute_code
        and rates.evaluation_date >= attributes.valid_from
        and rates.evaluation_date <= attributes.valid_to

)

select * from tier_fairness

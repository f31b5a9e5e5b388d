with counted as (

    select * from {{ ref('int_fairness__counted') }}

),

policies as (

    {{ valid_on_run_day(ref('fairness_policies')) }}

),

with_bin_totals as (

    select
        *,
        sum(customer_count) over bin_of_all as bin_count,
        sum(selected_count) over bin_of_all as bin_selected_count
    from counted
    window bin_of_all as (
        partition by
            scenario,
            evaluation_date,
            customer_type,
            attribute_code,
            outcome_code,
            tier_code,
            compared_bin
    )

),

-- Those of equal value: in a bin without customers of other groups there is nobody to
-- compare with.
equals as (

    select
        *,
        case when bin_count > customer_count then customer_count end as compared_count,
        case when bin_count > customer_count then selected_count end
            as compared_selected_count,
        {{ rounded(
            'cast(customer_count as double) * cast(bin_selected_count - selected_count as double)'
            ~ ' / nullif(cast(bin_count - customer_count as double), 0)', 18, 6
        ) }} as expected_count,
        -- How far chance alone takes the count, if each of the bin is as likely to be
        -- selected: that of drawing without putting back, and of others who are drawn too.
        {{ rounded(
            'cast(customer_count as double) * cast(bin_selected_count as double)'
            ~ ' * cast(bin_count - bin_selected_count as double)'
            ~ ' / nullif(cast(bin_count - customer_count as double)'
            ~ ' * cast(bin_count - 1 as double), 0)', 18, 6
        ) }} as expected_variance
    from with_bin_totals

),

by_group as (

    select
        scenario,
        evaluation_date,
        customer_type,
        attribute_code,
        group_code,
        outcome_code,
        tier_code,
        tier_rank,
        is_by_policy,
        least_count,
        cast(least_ratio as double) as least_ratio,
        cast(sum(customer_count) as bigint) as customer_count,
        cast(sum(selected_count) as bigint) as selected_count,
        cast(coalesce(sum(compared_count), 0) as bigint) as compared_count,
        cast(sum(compared_selected_count) as double) as compared_selected_count,
        cast(sum(expected_count) as double) as expected_count,
        sqrt(cast(sum(expected_variance) as double)) as expected_deviation
    from equals
    group by
        scenario, evaluation_date, customer_type, attribute_code, group_code, outcome_code,
        tier_code, tier_rank, is_by_policy, least_count, least_ratio

),

rates as (

    select
        by_group.*,
        cast(by_group.selected_count as double)
        / nullif(cast(by_group.customer_count as double), 0) as selection_rate,
        by_group.customer_count >= by_group.least_count as is_large_enough,
        by_group.customer_count >= by_group.least_count
        and coalesce(by_group.expected_count >= policies.least_expected_count, false)
            as is_enough,
        policies.false_flag_share
    from by_group
    cross join policies

),

best_groups as (

    select
        scenario,
        evaluation_date,
        customer_type,
        attribute_code,
        outcome_code,
        tier_code,
        group_code,
        customer_count,
        selected_count,
        selection_rate
    from rates
    where is_large_enough and selected_count > 0
    qualify
        row_number() over (
            partition by
                scenario, evaluation_date, customer_type, attribute_code, outcome_code, tier_code
            order by selection_rate desc nulls last, group_code asc nulls last
        ) = 1

),

-- One chance for all comparisons of a scenario's evaluation together, divided among them.
comparisons as (

    select
        scenario,
        evaluation_date,
        cast(count(case when is_enough then 1 end) as bigint) as comparison_count,
        cast(max(false_flag_share) as double)
        / nullif(cast(greatest(count(case when is_enough then 1 end), 1) as double), 0)
            as tail_share
    from rates
    group by scenario, evaluation_date

),

roots as (

    select
        scenario,
        evaluation_date,
        comparison_count,
        -- portable: rounded below.
        sqrt(-2 * ln(tail_share)) as root
    from comparisons

),

-- How many standard deviations from its mean a normal value is beyond with that chance:
-- Abramowitz and Stegun, 26.2.23, good to 0.0005.
quantiles as (

    select
        scenario,
        evaluation_date,
        comparison_count,
        cast({{ rounded(
            'root - (2.515517 + 0.802853 * root + 0.010328 * root * root)'
            ~ ' / nullif(1 + 1.432788 * root + 0.189269 * root * root'
            ~ ' + 0.001308 * root * root * root, 0)', 18, 6
        ) }} as double) as deviations
    from roots

),

-- Half a customer more on each side, so that none selected has a logarithm too.
with_best as (

    select
        rates.*,
        quantiles.comparison_count,
        quantiles.deviations,
        best_groups.group_code as best_group_code,
        rates.group_code = best_groups.group_code as is_best,
        rates.selection_rate / nullif(best_groups.selection_rate, 0) as ratio_to_best,
        (cast(rates.selected_count as double) + 0.5)
        * (cast(best_groups.customer_count as double) + 0.5)
        / nullif(
            (cast(rates.customer_count as double) + 0.5)
            * (cast(best_groups.selected_count as double) + 0.5), 0
        ) as middle_ratio,
        sqrt(greatest(
            1 / nullif(cast(rates.selected_count as double) + 0.5, 0)
            - 1 / nullif(cast(rates.customer_count as double) + 0.5, 0)
            + 1 / nullif(cast(best_groups.selected_count as double) + 0.5, 0)
            - 1 / nullif(cast(best_groups.customer_count as double) + 0.5, 0),
            0
        )) as log_ratio_deviation
    from rates
    inner join quantiles
        on rates.scenario = quantiles.scenario
        and rates.evaluation_date = quantiles.evaluation_date
    left join best_groups
        on rates.scenario = best_groups.scenario
        and rates.evaluation_date = best_groups.evaluation_date
        and rates.customer_type = best_groups.customer_type
        and rates.attribute_code = best_groups.attribute_code
        and rates.outcome_code = best_groups.outcome_code
        and rates.tier_code = best_groups.tier_code

),

reaches as (

    select
        *,
        -- portable: rounded below.
        exp(deviations * log_ratio_deviation) as ratio_reach,
        deviations * expected_deviation / nullif(cast(compared_count as double), 0) as gap_reach
    from with_best

),

intervals as (

    select
        *,
        case
            when not is_best
                then cast(
                    {{ rounded('middle_ratio / nullif(ratio_reach, 0)', 18, 6) }} as double
                )
        end as ratio_lower,
        case
            when not is_best
                then cast({{ rounded('middle_ratio * ratio_reach', 18, 6) }} as double)
        end as ratio_upper,
        expected_count / nullif(cast(compared_count as double), 0) as equal_value_rate,
        compared_selected_count / nullif(expected_count, 0) as equal_value_ratio,
        (compared_selected_count - expected_count) / nullif(cast(compared_count as double), 0)
            as equal_value_gap
    from reaches

),

found as (

    select
        *,
        equal_value_gap - gap_reach as gap_lower,
        equal_value_gap + gap_reach as gap_upper,
        case
            when not is_enough or best_group_code is null then 'too_few'
            when ratio_to_best >= least_ratio then 'even'
            when equal_value_ratio >= least_ratio then 'follows_value'
            when ratio_upper >= 1 or equal_value_gap + gap_reach >= 0 then 'uncertain'
            when is_by_policy then 'by_policy'
            else 'unequal'
        end as finding_code
    from intervals

),

compared as (

    select
        *,
        finding_code = 'unequal' as is_flagged
    from found

)

select * from compared

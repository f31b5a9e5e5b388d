{#
    Of each measure the gravest level that fires, else the gravest there is: how far it is from
    that. What is said of the customer's own tier wins over what is said of all. `measures` has
    customer_key, indicator_code, measure_value, tier_code, and `day`, on which it is judged.
#}
{% macro gravest_thresholds(measures, day) -%}
    with level_ranks as (

        select
            level,
            min(rule_order) as level_order
        from {{ ref('warning_levels') }}
        group by level

    ),

    thresholds_of_customers as (

        select
            measures.customer_key,
            measures.indicator_code,
            measures.{{ day }},
            thresholds.level,
            thresholds.threshold,
            level_ranks.level_order,
            measures.measure_value >= thresholds.threshold as is_fired
        from {{ measures }} as measures
        inner join {{ ref('warning_thresholds') }} as thresholds
            on measures.indicator_code = thresholds.indicator_code
            and thresholds.tier_code in ('all', measures.tier_code)
            and measures.{{ day }} >= thresholds.valid_from
            and measures.{{ day }} <= thresholds.valid_to
        inner join level_ranks
            on thresholds.level = level_ranks.level
        qualify
            row_number() over (
                partition by
                    measures.customer_key,
                    measures.indicator_code,
                    measures.{{ day }},
                    thresholds.level
                order by case when thresholds.tier_code = 'all' then 1 else 0 end nulls last
            ) = 1

    )

    select *
    from thresholds_of_customers
    qualify
        row_number() over (
            partition by customer_key, indicator_code, {{ day }}
            order by is_fired desc nulls last, level_order asc nulls last
        ) = 1
{%- endmacro %}

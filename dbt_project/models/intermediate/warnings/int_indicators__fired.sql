with habits as (

    select * from {{ ref('int_habits__measured') }}

),

complaints as (

    select * from {{ ref('int_complaints__measured') }}

),

dealings as (

    select * from {{ ref('int_dealings__measured') }}

),

customers as (

    select * from {{ ref('int_customers__watched') }}

),

indicators as (

    select * from {{ ref('int_indicators__in_use') }}

),

labels as (

    select * from {{ ref('labels') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

measures as (

    select
        customer_key,
        indicator_code,
        measure_value,
        observed_value,
        reference_value,
        detail,
        days_per_unit,
        counted_from_on
    from habits
    union all
    select
        customer_key,
        indicator_code,
        measure_value,
        cast(null as double) as observed_value,
        cast(null as double) as reference_value,
        detail,
        days_per_unit,
        counted_from_on
    from complaints
    union all
    select
        customer_key,
        indicator_code,
        measure_value,
        cast(null as double) as observed_value,
        reference_value,
        detail,
        cast(1 as double) as days_per_unit,
        counted_from_on
    from dealings

),

measures_of_customers as (

    select
        measures.*,
        customers.as_of_date,
        customers.tier_code
    from measures
    inner join customers
        on measures.customer_key = customers.customer_key

),

gravest_thresholds as (

    {{ gravest_thresholds('measures_of_customers', 'as_of_date') }}

),

judged as (

    select
        measures.*,
        case when measures.indicator_code = 'dissatisfied' then measures.detail end
            as survey_type,
        indicators.sort_order,
        indicators.reason_class,
        indicators.unit,
        indicators.reference_unit,
        indicators.window_days,
        indicators.reason_en,
        indicators.reason_zh,
        parameters.base_currency,
        gravest_thresholds.threshold,
        gravest_thresholds.level_order,
        case when gravest_thresholds.is_fired then gravest_thresholds.level end as level_fired
    from measures_of_customers as measures
    inner join indicators
        on measures.indicator_code = indicators.indicator_code
    inner join gravest_thresholds
        on measures.customer_key = gravest_thresholds.customer_key
        and measures.indicator_code = gravest_thresholds.indicator_code
    cross join parameters

),

-- A survey is told by its name, in either language; what else is told has only one.
worded as (

    select
        judged.*,
        coalesce(surveys.label_en, judged.detail) as detail_en,
        coalesce(surveys.label_zh, judged.detail) as detail_zh,
        -- What has not fallen is down by nothing.
        {{ told_number('greatest(judged.measure_value, 0)', 'judged.unit') }} as value_text,
        {{ told_number('judged.threshold', 'judged.unit', 'round') }} as threshold_text,
        cast(cast(round(judged.observed_value) as bigint) as string) as observed_text,
        cast(cast(round(judged.reference_value) as bigint) as string) as reference_text,
        cast(judged.window_days as string) as window_text
    from judged
    left join labels as surveys
        on surveys.list_code = 'survey_type'
        and judged.survey_type = surveys.code

),

fired as (

    select
        customer_key,
        indicator_code,
        reason_class,
        as_of_date,
        tier_code,
        level_fired,
        level_order,
        sort_order,
        measure_value,
        observed_value,
        reference_value,
        threshold,
        unit,
        reference_unit,
        detail,
        {{ filled_text('reason_en', {
            'value': 'value_text', 'observed': 'observed_text', 'reference': 'reference_text',
            'threshold': 'threshold_text', 'window': 'window_text',
            'currency': 'base_currency', 'detail': 'detail_en'
        }) }} as reason_en,
        {{ filled_text('reason_zh', {
            'value': 'value_text', 'observed': 'observed_text', 'reference': 'reference_text',
            'threshold': 'threshold_text', 'window': 'window_text',
            'currency': 'base_currency', 'detail': 'detail_zh'
        }) }} as reason_zh,
        case
            when
                level_fired is not null
                and counted_from_on is not null
                and days_per_unit is not null
                then least(
                    counted_from_on + cast(ceil(threshold * days_per_unit) as integer),
                    as_of_date
                )
        end as fired_since_on
    from worded

)

select * from fired

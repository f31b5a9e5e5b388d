with evaluated as (

    {{ touched_rows(ref('int_tiers__evaluated')) }}

),

evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

reasons as (

    select * from {{ ref('tier_reasons') }}

),

labels as (

    select * from {{ ref('labels') }}

),

previews as (

    select *
    from reasons
    where part_code = 'preview'

),

falls as (

    select *
    from reasons
    where part_code = 'falls'

),

ways_up as (

    select *
    from reasons
    where part_code = 'to_next'

),

tiers as (

    select *
    from labels
    where list_code = 'tier'

),

newest as (

    select
        coalesce(
            max(case when not is_provisional then evaluation_date end),
            max(evaluation_date)
        ) as evaluation_date
    from evaluations

),

-- That nothing happened, month after month, needs no words but today: they would be most
-- of the warehouse.
told as (

    select evaluated.*
    from evaluated
    cross join newest
    where
        evaluated.reason_code <> 'kept'
        or evaluated.evaluation_date >= newest.evaluation_date

),

-- Rounded so that a score never seems to reach a bar that it missed.
numbers as (

    select
        customer_key,
        evaluation_date,
        is_provisional,
        tier_code,
        previous_tier_code,
        next_tier_code,
        falls_to_tier_code,
        case
            when reason_code = 'kept' and tier_rank = 1 then 'kept_lowest'
            when reason_code = 'demoted' and previous_stay_score is null then 'dropped'
            when reason_code = 'held' and falls_on is null then 'held_anew'
            else reason_code
        end as part_code,
        cast(cast(
            cast(floor(score * 10) as decimal(9, 0)) * cast(0.1 as decimal(2, 1)) as decimal(9, 1)
        ) as string) as score,
        cast(cast(
            cast(ceil(points_to_next_tier * 10) as decimal(9, 0)) * cast(0.1 as decimal(2, 1))
            as decimal(9, 1)
        ) as string) as points,
        cast(cast(
            cast(ceil(-points_above_stay_bar * 10) as decimal(9, 0)) * cast(0.1 as decimal(2, 1))
            as decimal(9, 1)
        ) as string) as missing_points,
        cast(cast(entry_score as decimal(9, 1)) as string) as entry,
        cast(cast(stay_score as decimal(9, 1)) as string) as stay,
        cast(cast(previous_stay_score as decimal(9, 1)) as string) as previous_stay,
        cast(evaluations_below as string) as months,
        cast(hold_evaluations as string) as hold_months,
        cast(falls_on as string) as falls_on
    from told

),

worded as (

    select
        {% for language, gap in [('en', "' '"), ('zh', "''")] -%}
            case
                when numbers.is_provisional then previews.text_{{ language }} || {{ gap }}
                else ''
            end
            || {{ filled_text('reasons.text_' ~ language, {
                'score': 'numbers.score',
                'entry': 'numbers.entry',
                'stay': 'numbers.stay',
                'previous_stay': 'numbers.previous_stay',
                'months': 'numbers.months',
                'hold': 'numbers.hold_months',
                'tier': 'tiers.label_' ~ language,
                'previous': 'previous_tiers.label_' ~ language,
            }) }}
            || case
                when numbers.falls_on is not null
                    then {{ gap }} || {{ filled_text('falls.text_' ~ language, {
                        'missing': 'numbers.missing_points',
                        'falls_on': 'numbers.falls_on',
                        'falls_to': 'lower_tiers.label_' ~ language,
                    }) }}
                when numbers.next_tier_code is null or numbers.part_code = 'held_anew' then ''
                else {{ gap }} || {{ filled_text('ways_up.text_' ~ language, {
                    'points': 'numbers.points',
                    'next': 'next_tiers.label_' ~ language,
                }) }}
            end as reason_{{ language }},
        {% endfor -%}
        numbers.customer_key,
        numbers.evaluation_date
    from numbers
    inner join reasons
        on numbers.part_code = reasons.part_code
    cross join previews
    cross join falls
    cross join ways_up
    left join tiers
        on numbers.tier_code = tiers.code
    left join tiers as previous_tiers
        on numbers.previous_tier_code = previous_tiers.code
    left join tiers as lower_tiers
        on numbers.falls_to_tier_code = lower_tiers.code
    left join tiers as next_tiers
        on numbers.next_tier_code = next_tiers.code

)

select * from worded

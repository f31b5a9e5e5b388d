with filled as (

    select * from {{ ref('int_opportunity_lists__filled') }}

),

labels as (

    select * from {{ ref('labels') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- Points are rounded up, so that a bar never seems reached that is not.
numbers as (

    select
        filled.*,
        parameters.base_currency,
        cast(filled.silent_days as string) as days_text,
        cast(cast(round(filled.net_revenue_amount) as bigint) as string) as revenue_text,
        cast(cast(round(filled.net_revenue_90_amount) as bigint) as string) as revenue_90_text,
        cast(filled.purchase_day_90_count as string) as purchases_90_text,
        cast(cast(round(filled.earlier_revenue_90_amount) as bigint) as string)
            as earlier_text,
        cast(cast(
            cast(ceil(filled.points * 10) as decimal(9, 0)) * cast(0.1 as decimal(2, 1))
            as decimal(9, 1)
        ) as string) as points_text,
        cast(filled.falls_on as string) as falls_on_text
    from filled
    cross join parameters

),

worded as (

    select
        {% for language in ['en', 'zh'] -%}
            {{ filled_text('numbers.text_' ~ language, {
                'days': 'numbers.days_text',
                'currency': 'numbers.base_currency',
                'revenue': 'numbers.revenue_text',
                'revenue_90': 'numbers.revenue_90_text',
                'purchases_90': 'numbers.purchases_90_text',
                'earlier': 'numbers.earlier_text',
                'points': 'numbers.points_text',
                'falls_on': 'numbers.falls_on_text',
                'tier': 'coalesce(tiers.label_' ~ language ~ ', no_tier.label_' ~ language ~ ')',
                'next': 'next_tiers.label_' ~ language,
                'falls_to': 'lower_tiers.label_' ~ language,
            }) }} as reason_{{ language }},
        {% endfor -%}
        numbers.customer_key,
        numbers.list_code
    from numbers
    inner join labels as no_tier
        on no_tier.list_code = 'absence' and no_tier.code = 'tier'
    left join labels as tiers
        on tiers.list_code = 'tier' and numbers.tier_code = tiers.code
    left join labels as next_tiers
        on next_tiers.list_code = 'tier' and numbers.next_tier_code = next_tiers.code
    left join labels as lower_tiers
        on lower_tiers.list_code = 'tier' and numbers.falls_to_tier_code = lower_tiers.code

)

select * from worded

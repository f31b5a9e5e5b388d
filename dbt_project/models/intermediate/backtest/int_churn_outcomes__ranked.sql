{%- set rankings = {
    'served': 'churn_probability',
    'bgnbd': 'no_purchase_probability',
    'logistic': 'logistic_probability',
    'value_at_risk': 'value_at_risk',
    'value': 'net_revenue_365_amount',
    'recency': 'recency_days',
    'rfm': 'rfm_sum',
    'silence': 'coalesce(silence_ratio, 1)',
    'indicators': '10000 * red_count + 100 * orange_count + yellow_count',
} -%}
{%- set fifths = {
    'recency': 'recency_days desc',
    'frequency': 'purchase_day_count asc',
    'spend': 'net_revenue_365_amount asc',
} -%}
with outcomes as (

    select * from {{ ref('int_churn_outcomes__measured') }}

),

indicators as (

    select * from {{ ref('int_indicators__replayed') }}

),

watched as (

    select * from {{ ref('int_customers__watched') }}

),

policies as (

    {{ valid_on_run_day(ref('backtest_policies')) }}

),

owners as (

    select
        owner_staff_id,
        max(weekly_capacity) as weekly_capacity
    from watched
    group by owner_staff_id

),

-- What the worklist holds today: no list of former days is known.
capacity as (

    select coalesce(sum(weekly_capacity), 0) as list_length
    from owners

),

with_indicators as (

    select
        outcomes.*,
        indicators.red_count,
        indicators.orange_count,
        indicators.yellow_count
    from outcomes
    inner join indicators
        on outcomes.customer_key = indicators.customer_key
        and outcomes.evaluation_date = indicators.evaluation_date

),

-- The lowest and the highest place of those who are equal, so that no fifth splits them.
placed as (

    select
        {% for code, direction in fifths.items() -%}
            rank() over (
                partition by evaluation_date, horizon_days order by {{ direction }} nulls last
            ) as {{ code }}_place,
            count(*) over (
                partition by evaluation_date, horizon_days, {{ direction.split(' ')[0] }}
            ) as {{ code }}_equal_count,
        {% endfor -%}
        count(*) over (partition by evaluation_date, horizon_days) as drawn_count,
        1 / nullif(1 + {{ exponential('-logistic_logit') }}, 0) as logistic_probability,
        *
    from with_indicators

),

-- Who is in a lower fifth is likelier to leave.
with_fifths as (

    select
        -(
            {% for code in fifths -%}
                ceil(
                    5 * (
                        cast({{ code }}_place as double)
                        + (cast({{ code }}_equal_count as double) - 1) / 2
                    ) / nullif(cast(drawn_count as double), 0)
                )
                {% if not loop.last -%}
                    +
                {% endif -%}
            {% endfor -%}
        ) as rfm_sum,
        *
    from placed

),

scored as (

    {% for code, score in rankings.items() -%}
        select
            '{{ code }}' as ranking_code,
            {{ rounded('least(greatest(' ~ score ~ ', -999999999999), 999999999999)', 18, 6) }}
                as score,
            customer_key,
            evaluation_date,
            horizon_days,
            policy_customer_type,
            tier_code,
            is_recent,
            scored_count,
            drawn_count,
            model_version,
            is_lost,
            usual_value_amount,
            lead_days
        from with_fifths
        where {{ score }} is not null
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}

),

counted as (

    select
        scored.*,
        cast(count(*) over (
            partition by scored.evaluation_date, scored.horizon_days, scored.ranking_code
            order by scored.score desc nulls last
        ) as double) as up_to_here_count,
        cast(count(*) over (
            partition by
                scored.evaluation_date,
                scored.horizon_days,
                scored.ranking_code,
                scored.score
        ) as double) as equal_count,
        cast(capacity.list_length as double)
        * cast(scored.drawn_count as double)
        / nullif(cast(scored.scored_count as double), 0) as list_length,
        policies.top_share * cast(scored.drawn_count as double) as top_length
    from scored
    cross join capacity
    cross join policies

),

-- Of those who are equal where a list ends, each is on it to the same share.
ranked as (

    select
        ranking_code,
        score,
        customer_key,
        evaluation_date,
        horizon_days,
        policy_customer_type,
        tier_code,
        is_recent,
        scored_count,
        drawn_count,
        model_version,
        is_lost,
        usual_value_amount,
        lead_days,
        (up_to_here_count - equal_count / 2) / nullif(cast(drawn_count as double), 0)
            as place_share,
        {{ rounded(
            'least(greatest((list_length - up_to_here_count + equal_count) '
            '/ nullif(equal_count, 0), 0), 1)', 10, 9
        ) }} as listed_share,
        {{ rounded(
            'least(greatest((top_length - up_to_here_count + equal_count) '
            '/ nullif(equal_count, 0), 0), 1)', 10, 9
        ) }} as top_listed_share
    from counted

)

select * from ranked

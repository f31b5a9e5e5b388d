with evaluated as (

    {{ touched_rows(ref('int_tiers__evaluated')) }}

),

measured as (

    {{ touched_rows(ref('int_tier_criteria__measured')) }}

),

criteria as (

    select * from {{ ref('tier_criteria') }}

),

measures as (

    select * from {{ ref('tier_measures') }}

),

-- Of several criteria in money, the one that weighs most; nobody spends what is foretold.
money_criteria as (

    select criteria.*
    from criteria
    inner join measures
        on criteria.measure = measures.measure
        and measures.is_spent
    qualify
        row_number() over (
            partition by criteria.policy_code, criteria.policy_version
            order by criteria.weight desc nulls last, criteria.criterion_code asc nulls last
        ) = 1

),

standing as (

    select
        evaluated.customer_key,
        evaluated.evaluation_date,
        evaluated.policy_code,
        evaluated.policy_version,
        evaluated.tier_rank,
        evaluated.points_to_next_tier,
        evaluated.points_above_stay_bar,
        money_criteria.weight,
        money_criteria.scale,
        case money_criteria.criterion_code
            when 'margin' then measured.margin_measure
            else measured.value_measure
        end as known_amount,
        coalesce(
            case money_criteria.criterion_code
                when 'margin' then measured.margin_measure
                else measured.value_measure
            end,
            0
        ) as amount,
        case money_criteria.criterion_code
            when 'margin' then evaluated.margin_points
            else evaluated.value_points
        end as points
    from evaluated
    inner join money_criteria
        on evaluated.policy_code = money_criteria.policy_code
        and evaluated.policy_version = money_criteria.policy_version
    inner join measured
        on evaluated.customer_key = measured.customer_key
        and evaluated.evaluation_date = measured.evaluation_date
        and measured.scenario = 'live'

),

-- How many points the money has to bring, all else as it is. What is unknown cannot fall.
bars as (

    select
        customer_key,
        evaluation_date,
        policy_code,
        policy_version,
        'next' as bar,
        true as is_rise,
        known_amount is null as is_unknown,
        amount,
        points + points_to_next_tier as points,
        weight,
        scale
    from standing
    where points_to_next_tier is not null
    union all
    select
        customer_key,
        evaluation_date,
        policy_code,
        policy_version,
        'stay' as bar,
        points_above_stay_bar < 0 as is_rise,
        known_amount is null as is_unknown,
        amount,
        greatest(points - points_above_stay_bar, 0) as points,
        weight,
        scale
    from standing
    where tier_rank > 1 and (points_above_stay_bar < 0 or known_amount is not null)

),

reachable_bars as (

    select *
    from bars
    where points > 0 and points <= weight

),

ranked_groups as (

    select
        policy_code,
        policy_version,
        evaluation_date,
        cast(count(case when amount > 0 then 1 end) as double) as ranked_count,
        min(case when amount > 0 then amount end) as least_amount
    from standing
    where scale = 'rank_share'
    group by policy_code, policy_version, evaluation_date

),

-- A rank in the middle of several may be a half, so ranks are counted in halves. Whoever had
-- nothing makes one more who is ranked; whoever rises leaves a place below.
moves as (

    select
        reachable_bars.*,
        2 * (
            ranked_groups.ranked_count
            + case when reachable_bars.amount > 0 then 0 else 1 end
        ) as halves_in_all,
        case when reachable_bars.is_rise and reachable_bars.amount > 0 then 1 else -1 end
            as own_halves
    from reachable_bars
    inner join ranked_groups
        on reachable_bars.policy_code = ranked_groups.policy_code
        and reachable_bars.policy_version = ranked_groups.policy_version
        and reachable_bars.evaluation_date = ranked_groups.evaluation_date
    where reachable_bars.scale = 'rank_share'

),

-- About so many halves are to be reached, or up to two more.
estimated_moves as (

    select
        *,
        cast(
            floor(
                (cast(points as double) - 0.0000005)
                * halves_in_all / nullif(cast(weight as double), 0)
            ) as bigint
        ) as halves
    from moves

),

-- Exactly so many: points are rounded as in int_tier_criteria__scored.
counted_moves as (

    select
        *,
        own_halves + case
            {% for more in [0, 1] -%}
                when
                    {{ rounded(
                        'cast(weight as double) * ((halves + ' ~ more
                        ~ ') / nullif(halves_in_all, 0))', 9, 6
                    ) }} >= points
                    then halves + {{ more }}
            {% endfor -%}
            else halves + 2
        end as halves_wanted
    from estimated_moves

),

amounts_ranked as (

    select
        policy_code,
        policy_version,
        evaluation_date,
        amount,
        count(*) as customer_count
    from standing
    where scale = 'rank_share' and amount > 0
    group by policy_code, policy_version, evaluation_date, amount

),

-- Those who share an amount share the middle of its ranks; a cent more is above them all.
offers as (

    select
        policy_code,
        policy_version,
        evaluation_date,
        amount,
        customer_count,
        cast(round(sum(cast(customer_count as double)) over (
            partition by policy_code, policy_version, evaluation_date
            order by amount nulls last
            rows between unbounded preceding and current row
        )) as bigint) as last_rank,
        least(
            amount + cast(0.01 as decimal(3, 2)),
            lead(amount) over (
                partition by policy_code, policy_version, evaluation_date
                order by amount nulls last
            )
        ) as amount_above
    from amounts_ranked

),

offers_by_rank as (

    select
        policy_code,
        policy_version,
        evaluation_date,
        amount,
        amount_above,
        2 * last_rank - customer_count as halves,
        {{ each_number('last_rank - customer_count + 1', 'last_rank + 1') }} as rank_number
    from offers
    union all
    -- The least money there is: not above whoever has least.
    select
        policy_code,
        policy_version,
        evaluation_date,
        cast(0 as decimal(18, 4)) as amount,
        cast(least(least_amount, cast(0.01 as decimal(3, 2))) as decimal(18, 4))
            as amount_above,
        -1 as halves,
        0 as rank_number
    from ranked_groups

),

threshold_texts as (

    {{ split_items(
        'money_criteria', 'thresholds', "';'", ['policy_code', 'policy_version', 'weight']
    ) }}

),

steps as (

    select
        policy_code,
        policy_version,
        {{ rounded(
            "cast(weight as double) * cast(split_part(item, ':', 2) as double)", 9, 6
        ) }} as points,
        cast(split_part(item, ':', 1) as decimal(18, 4)) as amount
    from threshold_texts

),

-- What so many points cost: a place among the others, or what the policy says.
priced as (

    select
        moves.customer_key,
        moves.evaluation_date,
        moves.bar,
        case
            when offers.halves >= moves.halves_wanted then offers.amount
            else offers.amount_above
        end as amount
    from counted_moves as moves
    inner join offers_by_rank as offers
        on moves.policy_code = offers.policy_code
        and moves.policy_version = offers.policy_version
        and moves.evaluation_date = offers.evaluation_date
        and cast(ceil(moves.halves_wanted / 2) as bigint) = offers.rank_number
    union all
    select
        reachable_bars.customer_key,
        reachable_bars.evaluation_date,
        reachable_bars.bar,
        case
            when reachable_bars.is_unknown
                then greatest(steps.amount, cast(0.01 as decimal(3, 2)))
            else steps.amount
        end as amount
    from reachable_bars
    inner join steps
        on reachable_bars.policy_code = steps.policy_code
        and reachable_bars.policy_version = steps.policy_version
        and reachable_bars.points <= steps.points
    where reachable_bars.scale = 'thresholds'

),

amounts as (

    select
        customer_key,
        evaluation_date,
        min(case when bar = 'next' then amount end) as next_amount,
        min(case when bar = 'stay' then amount end) as stay_amount
    from priced
    group by customer_key, evaluation_date
    union all
    -- No money at all would do to stay; less than none is none to lose.
    select
        customer_key,
        evaluation_date,
        cast(null as decimal(18, 4)) as next_amount,
        cast(least(amount, 0) as decimal(18, 4)) as stay_amount
    from bars
    where points = 0

),

amounts_by_customer as (

    select
        customer_key,
        evaluation_date,
        min(next_amount) as next_amount,
        min(stay_amount) as stay_amount
    from amounts
    group by customer_key, evaluation_date

),

needed as (

    select
        standing.customer_key,
        standing.evaluation_date,
        standing.amount,
        cast(amounts_by_customer.next_amount - standing.amount as decimal(18, 4))
            as amount_to_next_tier,
        cast(standing.amount - amounts_by_customer.stay_amount as decimal(18, 4))
            as amount_above_stay_bar
    from standing
    inner join amounts_by_customer
        on standing.customer_key = amounts_by_customer.customer_key
        and standing.evaluation_date = amounts_by_customer.evaluation_date

)

select * from needed

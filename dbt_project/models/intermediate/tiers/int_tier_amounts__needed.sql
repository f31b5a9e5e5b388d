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

-- How many points the money has to bring, all else as it is.
bars as (

    select
        customer_key,
        evaluation_date,
        policy_code,
        policy_version,
        'next' as bar,
        points + points_to_next_tier as points,
        weight
    from standing
    where points_to_next_tier is not null
    union all
    select
        customer_key,
        evaluation_date,
        policy_code,
        policy_version,
        'stay' as bar,
        greatest(points - points_above_stay_bar, 0) as points,
        weight
    from standing
    where tier_rank > 1

),

threshold_texts as (

    {{ split_items(
        'money_criteria', 'thresholds', "';'", ['policy_code', 'policy_version', 'weight']
    ) }}

),

evaluations_by_policy as (

    select distinct
        policy_code,
        policy_version,
        evaluation_date
    from standing

),

-- What so many points cost: what others who have them brought, or what the policy says.
prices as (

    select
        policy_code,
        policy_version,
        evaluation_date,
        points,
        amount
    from standing
    where scale = 'rank_share' and amount > 0
    union all
    select
        threshold_texts.policy_code,
        threshold_texts.policy_version,
        evaluations_by_policy.evaluation_date,
        {{ rounded(
            "cast(threshold_texts.weight as double) "
            ~ "* cast(split_part(threshold_texts.item, ':', 2) as double)", 9, 6
        ) }} as points,
        cast(split_part(threshold_texts.item, ':', 1) as decimal(18, 4)) as amount
    from threshold_texts
    inner join evaluations_by_policy
        on threshold_texts.policy_code = evaluations_by_policy.policy_code
        and threshold_texts.policy_version = evaluations_by_policy.policy_version

),

reachable_bars as (

    select *
    from bars
    where points > 0 and points <= weight

),

lined_up as (

    select
        policy_code,
        policy_version,
        evaluation_date,
        points,
        cast(null as decimal(18, 4)) as amount
    from reachable_bars
    union all
    select
        policy_code,
        policy_version,
        evaluation_date,
        points,
        amount
    from prices

),

-- Each number of points once: many customers need the same.
cheapest as (

    select
        policy_code,
        policy_version,
        evaluation_date,
        points,
        min(amount) as amount
    from lined_up
    group by policy_code, policy_version, evaluation_date, points

),

-- The cheapest of all that give at least these points. Nobody has so many: null.
offers as (

    select
        policy_code,
        policy_version,
        evaluation_date,
        points,
        min(amount) over (
            partition by policy_code, policy_version, evaluation_date
            order by points nulls last
            rows between current row and unbounded following
        ) as amount
    from cheapest

),

priced as (

    select
        reachable_bars.customer_key,
        reachable_bars.evaluation_date,
        reachable_bars.bar,
        offers.amount
    from reachable_bars
    inner join offers
        on reachable_bars.policy_code = offers.policy_code
        and reachable_bars.policy_version = offers.policy_version
        and reachable_bars.evaluation_date = offers.evaluation_date
        and reachable_bars.points = offers.points

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
    -- No money at all would do to stay.
    select
        customer_key,
        evaluation_date,
        cast(null as decimal(18, 4)) as next_amount,
        cast(0 as decimal(18, 4)) as stay_amount
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

{#- Kind of segment, its code, and who is in it. -#}
{%- set segments = [
    ('all', "'all'", 'true'),
    ('tier', 'tier_code', 'true'),
    ('customer_type', 'policy_customer_type', 'true'),
    ('recency', "'recent'", 'is_recent'),
] -%}
{%- set error = '(cast(segmented.score as double) - cast(segmented.is_lost as integer))' -%}
with ranked as (

    select * from {{ ref('int_churn_outcomes__ranked') }}

),

rankings as (

    select * from {{ ref('churn_rankings') }}

),

segmented as (

    {% for kind, code, condition in segments -%}
        select
            *,
            '{{ kind }}' as segment_kind,
            {{ code }} as segment_code
        from ranked
        where {{ condition }}
        {%- if not loop.last %}
            union all
        {% endif -%}
    {% endfor %}

),

-- Whole numbers and decimals, whose sums do not hang on the order of the rows.
summed as (

    select
        segmented.evaluation_date,
        segmented.horizon_days,
        segmented.ranking_code,
        segmented.segment_kind,
        segmented.segment_code,
        max(segmented.model_version) as model_version,
        cast(max(segmented.scored_count) as bigint) as scored_count,
        cast(count(*) as bigint) as customer_count,
        cast(count(case when segmented.is_lost then 1 end) as bigint) as lost_count,
        {% for share in ['listed_share', 'top_listed_share'] -%}
            cast(sum(segmented.{{ share }}) as double) as {{ share }}_sum,
            cast(
                sum(case when segmented.is_lost then segmented.{{ share }} else 0 end) as double
            ) as {{ share }}_losses,
            cast(
                sum(
                    case
                        when segmented.is_lost
                            then
                                cast(segmented.{{ share }} as decimal(10, 9))
                                * cast(segmented.usual_value_amount as decimal(19, 4))
                        else 0
                    end
                ) as double
            ) as {{ share }}_lost_value,
        {% endfor -%}
        cast(
            sum(case when segmented.lead_days is not null then segmented.listed_share end)
            as double
        ) as led_count,
        cast(sum(segmented.listed_share * cast(segmented.lead_days as integer)) as double)
            as led_days,
        cast(
            sum(case when segmented.is_lost then segmented.usual_value_amount else 0 end)
            as double
        ) as lost_value,
        cast(sum(case when rankings.is_probability then segmented.score end) as double)
            as foretold,
        cast(
            sum(case when rankings.is_probability then {{ rounded(
                error ~ ' * ' ~ error, 10, 9
            ) }} end) as double
        ) as squared_errors
    from segmented
    inner join rankings
        on segmented.ranking_code = rankings.ranking_code
    group by
        segmented.evaluation_date,
        segmented.horizon_days,
        segmented.ranking_code,
        segmented.segment_kind,
        segmented.segment_code

),

numbered_groups as (

    select
        *,
        row_number() over (
            order by
                evaluation_date nulls last,
                horizon_days nulls last,
                ranking_code nulls last,
                segment_kind nulls last,
                segment_code nulls last
        ) as group_number
    from summed

),

-- Each beside the same customers by the score that is served.
paired_groups as (

    select
        numbered_groups.*,
        served_groups.group_number as served_group_number
    from numbered_groups
    left join numbered_groups as served_groups
        on served_groups.ranking_code = 'served'
        and numbered_groups.evaluation_date = served_groups.evaluation_date
        and numbered_groups.horizon_days = served_groups.horizon_days
        and numbered_groups.segment_kind = served_groups.segment_kind
        and numbered_groups.segment_code is not distinct from served_groups.segment_code

),

ranked_customers as (

    select distinct customer_key
    from ranked

),

numbered_customers as (

    select
        customer_key,
        row_number() over (order by customer_key nulls last) as customer_number
    from ranked_customers

),

-- By numbers alone: over texts, and over all that a row holds, what follows takes three
-- times as long.
scores as (

    select
        ranked.evaluation_date,
        ranked.horizon_days,
        ranked.ranking_code,
        ranked.tier_code,
        ranked.policy_customer_type,
        ranked.is_recent,
        ranked.score,
        ranked.is_lost,
        numbered_customers.customer_number
    from ranked
    inner join numbered_customers
        on ranked.customer_key = numbered_customers.customer_key

),

segmented_scores as (

    {% for kind, code, condition in segments -%}
        select
            evaluation_date,
            horizon_days,
            ranking_code,
            '{{ kind }}' as segment_kind,
            {{ code }} as segment_code,
            customer_number,
            score,
            is_lost
        from scores
        where {{ condition }}
        {%- if not loop.last %}
            union all
        {% endif -%}
    {% endfor %}

),

numbered as (

    select
        paired_groups.group_number,
        paired_groups.served_group_number,
        paired_groups.lost_count,
        segmented_scores.customer_number,
        segmented_scores.score,
        segmented_scores.is_lost
    from segmented_scores
    inner join paired_groups
        on segmented_scores.evaluation_date = paired_groups.evaluation_date
        and segmented_scores.horizon_days = paired_groups.horizon_days
        and segmented_scores.ranking_code = paired_groups.ranking_code
        and segmented_scores.segment_kind = paired_groups.segment_kind
        and segmented_scores.segment_code is not distinct from paired_groups.segment_code

),

-- Whoever has the same score stands in the same place.
counted_scores as (

    select
        group_number,
        score,
        cast(count(case when is_lost then 1 end) as bigint) as lost_equal,
        cast(count(case when not is_lost then 1 end) as bigint) as kept_equal
    from numbered
    group by group_number, score

),

-- As doubles, which hold whole numbers exactly: other sums are of 128 bits here, and a window
-- over them takes four times as long.
ordered_scores as (

    select
        *,
        cast(round(sum(cast(lost_equal as double)) over up_to_here) as bigint) as lost_up_to_here,
        cast(round(sum(cast(kept_equal as double)) over up_to_here) as bigint) as kept_up_to_here
    from counted_scores
    window up_to_here as (
        partition by group_number
        order by score nulls last
        rows between unbounded preceding and current row
    )

),

-- Of one lost, how many of the kept they stand above; of one kept, how many of the lost
-- stand above them. Equal ones count half, so all is doubled and stays whole.
placed as (

    select
        numbered.group_number,
        numbered.served_group_number,
        numbered.customer_number,
        case
            when numbered.is_lost
                then 2 * ordered_scores.kept_up_to_here - ordered_scores.kept_equal
        end as lost_places,
        case
            when not numbered.is_lost
                then
                    2 * numbered.lost_count
                    - 2 * ordered_scores.lost_up_to_here
                    + ordered_scores.lost_equal
        end as kept_places
    from numbered
    inner join ordered_scores
        on numbered.group_number = ordered_scores.group_number
        and numbered.score is not distinct from ordered_scores.score

),

served as (

    select
        group_number,
        customer_number,
        lost_places,
        kept_places
    from placed
    where group_number = served_group_number

),

with_gains as (

    select
        placed.group_number,
        placed.lost_places,
        placed.kept_places,
        served.lost_places - placed.lost_places as lost_gain,
        served.kept_places - placed.kept_places as kept_gain
    from placed
    left join served
        on placed.served_group_number = served.group_number
        and placed.customer_number = served.customer_number

),

summed_places as (

    select
        {% for places in ['lost_places', 'kept_places', 'lost_gain', 'kept_gain'] -%}
            cast(sum({{ places }}) as double) as {{ places }}_sum,
            cast(sum({{ places }} * {{ places }}) as double) as {{ places }}_squares,
        {% endfor -%}
        group_number
    from with_gains
    group by group_number

),

groups_with_places as (

    select
        {% for places in ['lost_places', 'kept_places', 'lost_gain', 'kept_gain'] -%}
            summed_places.{{ places }}_sum,
            summed_places.{{ places }}_squares,
        {% endfor -%}
        paired_groups.*,
        cast(paired_groups.lost_count as double) as losses,
        cast(paired_groups.customer_count - paired_groups.lost_count as double) as keeps
    from paired_groups
    inner join summed_places
        on paired_groups.group_number = summed_places.group_number

),

-- The variance of an AUC and of a difference of two, from the places of the lost and of the
-- kept: DeLong, DeLong and Clarke-Pearson (1988).
measured as (

    select
        *,
        {% for measure, lost, kept in [
            ('auc', 'lost_places', 'kept_places'), ('auc_gain', 'lost_gain', 'kept_gain')
        ] -%}
            {{ lost }}_sum / nullif(2 * losses * keeps, 0) as {{ measure }},
            1.96 * sqrt(greatest(
                ({{ lost }}_squares - {{ lost }}_sum * {{ lost }}_sum / nullif(losses, 0))
                / nullif(4 * (losses - 1) * losses * keeps * keeps, 0)
                + ({{ kept }}_squares - {{ kept }}_sum * {{ kept }}_sum / nullif(keeps, 0))
                / nullif(4 * (keeps - 1) * keeps * losses * losses, 0),
                0
            )) as {{ measure }}_margin,
        {% endfor -%}
        losses / nullif(cast(customer_count as double), 0) as lost_share
    from groups_with_places

)

select * from measured

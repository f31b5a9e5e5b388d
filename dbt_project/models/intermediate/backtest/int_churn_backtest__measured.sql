with ranked as (

    select * from {{ ref('int_churn_outcomes__ranked') }}

),

rankings as (

    select * from {{ ref('churn_rankings') }}

),

segmented as (

    select
        *,
        'all' as segment_kind,
        'all' as segment_code
    from ranked
    union all
    select
        *,
        'tier' as segment_kind,
        tier_code as segment_code
    from ranked
    union all
    select
        *,
        'customer_type' as segment_kind,
        policy_customer_type as segment_code
    from ranked
    union all
    select
        *,
        'recency' as segment_kind,
        'recent' as segment_code
    from ranked
    where is_recent

),

numbered as (

    select
        *,
        case when is_lost then 1 else 0 end as lost_number,
        case when is_lost then 0 else 1 end as kept_number
    from segmented

),

compared as (

    select
        *,
        cast(sum(lost_number) over of_all as bigint) as lost_count,
        cast(sum(kept_number) over of_all as bigint) as kept_count,
        cast(sum(lost_number) over up_to_here as bigint) as lost_up_to_here,
        cast(sum(kept_number) over up_to_here as bigint) as kept_up_to_here,
        cast(sum(lost_number) over equal_ones as bigint) as lost_equal,
        cast(sum(kept_number) over equal_ones as bigint) as kept_equal
    from numbered
    window
        of_all as (
            partition by evaluation_date, horizon_days, ranking_code, segment_kind, segment_code
        ),
        up_to_here as (
            partition by evaluation_date, horizon_days, ranking_code, segment_kind, segment_code
            order by score nulls last
        ),
        equal_ones as (
            partition by
                evaluation_date, horizon_days, ranking_code, segment_kind, segment_code, score
        )

),

-- Of one lost, how many of the kept they stand above; of one kept, how many of the lost
-- stand above them. Equal ones count half, so all is doubled and stays whole.
placed as (

    select
        *,
        case when is_lost then 2 * kept_up_to_here - kept_equal end as lost_places,
        case
            when not is_lost then 2 * lost_count - 2 * lost_up_to_here + lost_equal
        end as kept_places
    from compared

),

served as (

    select
        customer_key,
        evaluation_date,
        segment_kind,
        segment_code,
        lost_places,
        kept_places
    from placed
    where ranking_code = 'served'

),

with_gains as (

    select
        placed.*,
        rankings.is_probability,
        cast(placed.score as double) - placed.lost_number as error,
        served.lost_places - placed.lost_places as lost_gain,
        served.kept_places - placed.kept_places as kept_gain
    from placed
    inner join rankings
        on placed.ranking_code = rankings.ranking_code
    left join served
        on placed.customer_key = served.customer_key
        and placed.evaluation_date = served.evaluation_date
        and placed.segment_kind = served.segment_kind
        and placed.segment_code = served.segment_code

),

-- Whole numbers and decimals, whose sums do not hang on the order of the rows.
summed as (

    select
        evaluation_date,
        horizon_days,
        ranking_code,
        segment_kind,
        segment_code,
        max(model_version) as model_version,
        cast(max(scored_count) as bigint) as scored_count,
        cast(count(*) as bigint) as customer_count,
        max(lost_count) as lost_count,
        cast(max(lost_count) as double) as losses,
        cast(max(kept_count) as double) as keeps,
        {% for places in ['lost_places', 'kept_places', 'lost_gain', 'kept_gain'] -%}
            cast(sum({{ places }}) as double) as {{ places }}_sum,
            cast(sum({{ places }} * {{ places }}) as double) as {{ places }}_squares,
        {% endfor -%}
        {% for share in ['listed_share', 'top_listed_share'] -%}
            cast(sum({{ share }}) as double) as {{ share }}_sum,
            cast(sum(case when is_lost then {{ share }} else 0 end) as double)
                as {{ share }}_losses,
            cast(
                sum(
                    case
                        when is_lost
                            then
                                cast({{ share }} as decimal(10, 9))
                                * cast(usual_value_amount as decimal(18, 4))
                        else 0
                    end
                ) as double
            ) as {{ share }}_lost_value,
        {% endfor -%}
        cast(sum(case when lead_days is not null then listed_share end) as double) as led_count,
        cast(sum(listed_share * cast(lead_days as integer)) as double) as led_days,
        cast(sum(case when is_lost then usual_value_amount else 0 end) as double) as lost_value,
        cast(sum(case when is_probability then score end) as double) as foretold,
        cast(
            sum(case when is_probability then {{ rounded('error * error', 10, 9) }} end) as double
        ) as squared_errors
    from with_gains
    group by evaluation_date, horizon_days, ranking_code, segment_kind, segment_code

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
    from summed

)

select * from measured

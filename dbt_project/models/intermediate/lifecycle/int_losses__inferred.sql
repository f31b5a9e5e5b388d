with losses as (

    select * from {{ ref('int_losses__explained') }}

),

scores as (

    select * from {{ ref('int_churn_scores__computed') }}

),

features as (

    select * from {{ ref('churn_features') }}

),

policies as (

    select * from {{ ref('warning_policies') }}

),

-- What a score knew between the last purchase and the loss.
scores_before_losses as (

    select
        losses.lost_on,
        policies.least_reason_log_odds,
        scores.*
    from losses
    inner join policies
        on losses.policy_customer_type = policies.customer_type
        and losses.lost_on >= policies.valid_from
        and losses.lost_on <= policies.valid_to
    inner join scores
        on losses.customer_key = scores.customer_key
        and losses.lost_on >= scores.evaluation_date
        and losses.last_purchased_on <= scores.evaluation_date
    where losses.stated_reason_code is null and not scores.is_provisional

),

contributions as (

    {{ churn_feature_rows(
        'scores_before_losses',
        ['customer_key', 'lost_on', 'evaluation_date', 'least_reason_log_odds'],
        churn_feature_codes(), 'log_odds', '_log_odds'
    ) }}

),

-- Whole millionths, whose sums do not hang on the order of the rows.
reasons as (

    select
        contributions.customer_key,
        contributions.lost_on,
        contributions.evaluation_date,
        features.loss_reason_code,
        contributions.least_reason_log_odds,
        sum({{ rounded('contributions.log_odds', 18, 6) }}) as log_odds
    from contributions
    inner join features
        on contributions.feature_code = features.feature_code
    where features.loss_reason_code is not null and contributions.log_odds > 0
    group by
        contributions.customer_key,
        contributions.lost_on,
        contributions.evaluation_date,
        features.loss_reason_code,
        contributions.least_reason_log_odds

),

-- The one that spoke loudest, if loud enough for a warning; of equal ones the newest.
inferred as (

    select
        customer_key,
        lost_on,
        loss_reason_code as inferred_reason_code,
        evaluation_date as inferred_from_on,
        cast(log_odds as double) as inferred_log_odds
    from reasons
    where cast(log_odds as double) >= least_reason_log_odds
    qualify
        row_number() over (
            partition by customer_key, lost_on
            order by
                log_odds desc nulls last,
                evaluation_date desc nulls last,
                loss_reason_code asc nulls last
        ) = 1

)

select * from inferred

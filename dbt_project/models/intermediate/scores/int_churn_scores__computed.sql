{%- set feature_codes = churn_feature_codes() -%}
with features as (

    {{ touched_rows(ref('int_churn_features__measured')) }}

),

models as (

    select * from {{ ref('int_churn_models__served') }}

),

feature_list as (

    select * from {{ ref('churn_features') }}

),

logged as (

    select
        {% for code in feature_codes -%}
            max(case when feature_code = '{{ code }}' and is_logged then 1 else 0 end)
                as {{ code }},
        {% endfor -%}
        count(*) as feature_count
    from feature_list

),

weights as (

    select
        {% for code in feature_codes -%}
            max(
                case when component = 'logistic' and parameter = '{{ code }}' then coefficient end
            ) as {{ code }}_weight,
            max(
                case
                    when component = 'logistic' and parameter = '{{ code }}' then reference_value
                end
            ) as {{ code }}_reference,
        {% endfor -%}
        {% for component, parameter in [
            ('logistic', 'intercept'),
            ('bgnbd', 'r'),
            ('bgnbd', 'alpha'),
            ('bgnbd', 'a'),
            ('bgnbd', 'b'),
            ('gamma_gamma', 'p'),
            ('gamma_gamma', 'q'),
            ('gamma_gamma', 'v'),
            ('served', 'bgnbd_weight'),
            ('served', 'logistic_weight'),
        ] -%}
            max(
                case
                    when component = '{{ component }}' and parameter = '{{ parameter }}'
                        then coefficient
                end
            ) as {{ component }}_{{ parameter }},
        {% endfor -%}
        evaluation_date,
        model_version
    from models
    group by evaluation_date, model_version

),

transformed as (

    select
        {% for code in feature_codes -%}
            case
                when logged.{{ code }} = 1 then {{ logarithm('1 + features.' ~ code) }}
                else features.{{ code }}
            end - weights.{{ code }}_reference as {{ code }}_step,
            weights.{{ code }}_weight,
        {% endfor -%}
        features.customer_key,
        features.evaluation_date,
        features.evaluation_number,
        features.is_provisional,
        features.is_latest,
        features.policy_customer_type,
        features.horizon_days,
        features.net_revenue_amount,
        features.net_revenue_365_amount,
        features.active_days,
        features.tenure_days,
        features.purchase_day_count,
        features.purchase_day_count - 1 as repeat_count,
        weights.model_version,
        weights.bgnbd_r,
        weights.bgnbd_alpha,
        weights.bgnbd_a,
        weights.bgnbd_b,
        weights.gamma_gamma_p,
        weights.gamma_gamma_q,
        weights.gamma_gamma_v,
        weights.served_bgnbd_weight,
        weights.served_logistic_weight,
        weights.logistic_intercept
    from features
    left join weights
        on features.evaluation_date = weights.evaluation_date
    cross join logged

),

-- What is not known counts as what is usual: it speaks neither for nor against. Where no
-- model serves, what could be warned of is told all the same, without a score.
weighed as (

    select
        {% for code in feature_codes -%}
            coalesce({{ code }}_weight * {{ code }}_step, 0) as {{ code }}_logit,
        {% endfor -%}
        *
    from transformed

),

-- Fader, Hardie and Lee (2005): whether who bought so often and then was silent is there
-- still, and how probably one who is does not buy within the horizon.
with_rhythm as (

    select
        *,
        (
            logistic_intercept
            {% for code in feature_codes -%}
                + {{ code }}_logit
            {% endfor -%}
        ) as logistic_logit,
        bgnbd_a / nullif(bgnbd_b + repeat_count - 1, 0)
        * {{ raised(
            '(bgnbd_alpha + tenure_days) / nullif(bgnbd_alpha + active_days, 0)',
            'bgnbd_r + repeat_count'
        ) }} as stopped_odds,
        {{ raised(
            '(bgnbd_alpha + tenure_days) / nullif(bgnbd_alpha + tenure_days + horizon_days, 0)',
            'bgnbd_r + repeat_count'
        ) }} as silent_if_alive_probability
    from weighed

),

with_probabilities as (

    select
        *,
        1 / nullif(1 + stopped_odds, 0) as alive_probability,
        1 - 1 / nullif(1 + stopped_odds, 0) * (1 - silent_if_alive_probability)
            as no_purchase_probability
    from with_rhythm

),

-- Certainty has no logit, and nobody is certain.
bounded as (

    select
        *,
        least(greatest(no_purchase_probability, 1e-9), 1 - 1e-9) as bounded_probability
    from with_probabilities

),

with_logits as (

    select
        *,
        {{ logarithm('bounded_probability / nullif(1 - bounded_probability, 0)') }}
            as rhythm_logit
    from bounded

),

-- A part without weight may be missing; without any there is no score. What a part adds is
-- counted from the usual customer's logit, which both parts share: the intercept.
mixed as (

    select
        *,
        case
            when served_bgnbd_weight > 0
                then served_bgnbd_weight * (rhythm_logit - coalesce(logistic_intercept, 0))
            else 0
        end as purchase_rhythm_log_odds,
        case
            when served_bgnbd_weight > 0 then served_bgnbd_weight * rhythm_logit
            when served_logistic_weight > 0 then 0
        end
        + case
            when served_logistic_weight > 0 then served_logistic_weight * logistic_logit
            else 0
        end as served_logit
    from with_logits

),

-- Of what a customer buys within the horizon while they stay, the mean depends on how
-- often they bought and for how long they are known: a series for each such pair.
pairs as (

    select distinct
        weights.model_version,
        weights.bgnbd_r,
        weights.bgnbd_alpha,
        weights.bgnbd_a,
        weights.bgnbd_b,
        features.purchase_day_count - 1 as repeat_count,
        features.tenure_days,
        features.horizon_days,
        features.horizon_days
        / nullif(weights.bgnbd_alpha + features.tenure_days + features.horizon_days, 0)
            as horizon_share
    from features
    inner join weights
        on features.evaluation_date = weights.evaluation_date
    where weights.bgnbd_r is not null

),

digits as (

    {% for digit in range(10) -%}
        select {{ digit }} as digit
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}

),

steps as (

    select cast(100 * hundreds.digit + 10 * tens.digit + units.digit as double) as step
    from digits as hundreds
    cross join digits as tens
    cross join digits as units
    where hundreds.digit < 3

),

fitted_models as (

    select distinct
        model_version,
        bgnbd_a + bgnbd_b - 1 - bgnbd_r as first_term,
        bgnbd_a - 1 as second_term
    from pairs

),

factors as (

    select
        fitted_models.model_version,
        steps.step,
        fitted_models.first_term + steps.step - 1 as first_factor,
        fitted_models.second_term + steps.step - 1 as second_factor
    from fitted_models
    cross join steps

),

numerators as (

    select
        model_version,
        step,
        sum(
            case
                when step > 0
                    then
                        {{ logarithm('greatest(abs(first_factor), 1e-300)') }}
                        + {{ logarithm('greatest(abs(second_factor), 1e-300)') }}
                        - {{ logarithm('step') }}
            end
        ) over so_far as log_size,
        sum(
            case when step > 0 and (first_factor < 0) <> (second_factor < 0) then 1 else 0 end
        ) over so_far as sign_changes
    from factors
    window so_far as (
        partition by model_version
        order by step nulls last
        rows between unbounded preceding and current row
    )

),

repeat_counts as (

    select distinct
        model_version,
        repeat_count,
        bgnbd_a + bgnbd_b + repeat_count - 1 as third_term
    from pairs

),

denominators as (

    select
        repeat_counts.model_version,
        repeat_counts.repeat_count,
        steps.step,
        sum(
            case
                when steps.step > 0
                    then {{ logarithm('repeat_counts.third_term + steps.step - 1') }}
            end
        ) over (
            partition by repeat_counts.model_version, repeat_counts.repeat_count
            order by steps.step nulls last
            rows between unbounded preceding and current row
        ) as log_size
    from repeat_counts
    cross join steps

),

-- With all that is read of a pair, which then needs no join back to the pairs.
summed as (

    select
        pairs.model_version,
        pairs.repeat_count,
        pairs.tenure_days,
        pairs.horizon_days,
        pairs.bgnbd_a,
        pairs.bgnbd_b,
        pairs.horizon_share,
        sum(
            case when numerators.sign_changes % 2 = 1 then -1 else 1 end
            * {{ exponential(
                'coalesce(numerators.log_size, 0) - coalesce(denominators.log_size, 0) '
                '+ numerators.step * ' ~ logarithm('pairs.horizon_share')
            ) }}
        ) as series_sum
    from pairs
    inner join numerators
        on pairs.model_version = numerators.model_version
    inner join denominators
        on pairs.model_version = denominators.model_version
        and pairs.repeat_count = denominators.repeat_count
        and numerators.step = denominators.step
    group by
        pairs.model_version,
        pairs.repeat_count,
        pairs.tenure_days,
        pairs.horizon_days,
        pairs.bgnbd_a,
        pairs.bgnbd_b,
        pairs.horizon_share

),

foretold as (

    select
        model_version,
        repeat_count,
        tenure_days,
        horizon_days,
        (bgnbd_a + bgnbd_b + repeat_count - 1)
        / nullif(bgnbd_a - 1, 0)
        * (1 - {{ raised('1 - horizon_share', 'bgnbd_a - 1') }} * series_sum)
            as purchases_if_alive
    from summed

),

-- Fader and Hardie (2013): who bought seldom is taken to be nearer to the mean of all.
computed as (

    select
        {% for code in feature_codes -%}
            mixed.served_logistic_weight * mixed.{{ code }}_logit as {{ code }}_log_odds,
        {% endfor -%}
        mixed.purchase_rhythm_log_odds,
        mixed.customer_key,
        mixed.evaluation_date,
        mixed.evaluation_number,
        mixed.is_provisional,
        mixed.is_latest,
        mixed.policy_customer_type,
        mixed.model_version,
        mixed.horizon_days,
        mixed.net_revenue_365_amount,
        mixed.logistic_logit,
        mixed.alive_probability,
        mixed.no_purchase_probability,
        1 / nullif(1 + {{ exponential('-mixed.served_logit') }}, 0) as churn_probability,
        foretold.purchases_if_alive,
        foretold.purchases_if_alive * case
            when mixed.net_revenue_amount > 0
                then
                    mixed.gamma_gamma_p
                    * (mixed.gamma_gamma_v + cast(mixed.net_revenue_amount as double))
                    / nullif(
                        mixed.gamma_gamma_p * mixed.purchase_day_count + mixed.gamma_gamma_q - 1, 0
                    )
            else
                mixed.gamma_gamma_p * mixed.gamma_gamma_v / nullif(mixed.gamma_gamma_q - 1, 0)
        end
            as expected_value
    from mixed
    left join foretold
        on mixed.model_version = foretold.model_version
        and mixed.repeat_count = foretold.repeat_count
        and mixed.tenure_days = foretold.tenure_days
        and mixed.horizon_days = foretold.horizon_days

),

-- A fit that found no model of values: what the year brought, for the horizon.
weighed_by_value as (

    select
        {{ star_without(['net_revenue_365_amount']) }},
        churn_probability
        * coalesce(expected_value, net_revenue_365_amount * horizon_days / 365) as value_at_risk
    from computed

)

select * from weighed_by_value

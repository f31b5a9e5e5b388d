{%- set metrics = {
    'auc': ('auc', 'auc_margin'),
    'auc_gain': ('auc_gain', 'auc_gain_margin'),
    'listed_count': ('listed_share_sum', none),
    'precision': ('listed_share_losses / nullif(listed_share_sum, 0)', none),
    'lift': (
        'listed_share_losses / nullif(listed_share_sum, 0) / nullif(lost_share, 0)', none
    ),
    'recall': ('listed_share_losses / nullif(losses, 0)', none),
    'value_caught': ('listed_share_lost_value / nullif(lost_value, 0)', none),
    'lead_days': ('led_days / nullif(led_count, 0)', none),
    'top_precision': ('top_listed_share_losses / nullif(top_listed_share_sum, 0)', none),
    'top_lift': (
        'top_listed_share_losses / nullif(top_listed_share_sum, 0) / nullif(lost_share, 0)', none
    ),
    'top_recall': ('top_listed_share_losses / nullif(losses, 0)', none),
    'top_value_caught': ('top_listed_share_lost_value / nullif(lost_value, 0)', none),
    'brier_score': ('squared_errors / nullif(cast(customer_count as double), 0)', none),
    'foretold_share': ('foretold / nullif(cast(customer_count as double), 0)', none),
} -%}
with measured as (

    select * from {{ ref('int_churn_backtest__measured') }}

),

metrics as (

    {% for code, (expression, margin) in metrics.items() -%}
        select
            evaluation_date,
            horizon_days,
            ranking_code,
            segment_kind,
            segment_code,
            '{{ code }}' as metric_code,
            {{ expression }} as metric_value,
            {{ margin if margin else 'cast(null as double)' }} as margin,
            scored_count,
            customer_count,
            lost_count,
            model_version
        from measured
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}

),

-- What cannot be said, such as an AUC where nobody left, has no row. A ranking has no
-- gain over itself.
unpivoted as (

    select *
    from metrics
    where metric_value is not null and not (metric_code = 'auc_gain' and ranking_code = 'served')

)

select * from unpivoted

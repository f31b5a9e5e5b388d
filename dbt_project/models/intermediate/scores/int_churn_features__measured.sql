with eligible as (

    {{ touched_rows(ref('int_customers__eligible')) }}

),

evaluations as (

    {{ touched_rows(ref('int_evaluations__fingerprinted')) }}

),

signals as (

    select * from {{ ref('int_signals__dated') }}

),

-- Before a feed has told anything, of its signals nothing is known; then none is none.
known_sources as (

    select
        signal_source,
        min(from_on) as known_from
    from signals
    group by signal_source

),

known_by_evaluation as (

    select
        evaluations.evaluation_date,
        count(case when known_sources.signal_source = 'tickets' then 1 end) > 0 as knows_tickets,
        count(case when known_sources.signal_source = 'surveys' then 1 end) > 0 as knows_surveys,
        count(case when known_sources.signal_source = 'contacts' then 1 end) > 0
            as knows_contacts,
        count(case when known_sources.signal_source = 'invoices' then 1 end) > 0
            as knows_invoices,
        count(case when known_sources.signal_source = 'activity' then 1 end) > 0
            as knows_activity,
        count(case when known_sources.signal_source = 'campaigns' then 1 end) > 0
            as knows_campaigns,
        count(case when known_sources.signal_source = 'points' then 1 end) > 0 as knows_points
    from evaluations
    left join known_sources
        on evaluations.evaluation_date >= known_sources.known_from
    group by evaluations.evaluation_date

),

-- Whoever buys at all: contracts have no rhythm that could be broken.
buyers as (

    select
        eligible.*,
        {{ days_from('eligible.last_purchased_on', 'eligible.evaluation_date') }} as recency_days,
        {{ days_from('eligible.first_purchased_on', 'eligible.evaluation_date') }} as tenure_days,
        {{ days_from('eligible.first_purchased_on', 'eligible.last_purchased_on') }}
            as active_days
    from eligible
    where eligible.is_eligible and eligible.value_basis = 'orders'

),

live_signals as (

    select
        buyers.customer_key,
        buyers.evaluation_date,
        signals.signal_code,
        signals.amount,
        signals.greatest_amount,
        {{ days_from('signals.from_on', 'buyers.evaluation_date') }} as age_days
    from signals
    inner join buyers
        on signals.customer_key = buyers.customer_key
        and signals.from_on <= buyers.evaluation_date
        and signals.until_on > buyers.evaluation_date

),

signals_by_evaluation as (

    select
        customer_key,
        evaluation_date,
        max(case when signal_code = 'complaint_open' then age_days end) as complaint_open_days,
        sum(case when signal_code = 'complaint' then amount end) as complaint_count,
        max(case when signal_code = 'request_open' then age_days end) as request_open_days,
        max(case when signal_code = 'slow_answer' then greatest_amount end) as slow_answer_hours,
        sum(case when signal_code = 'competitor' then amount end) as competitor_count,
        sum(case when signal_code = 'satisfaction' then amount end) as satisfaction_share,
        sum(case when signal_code = 'satisfaction_drop' then amount end) as satisfaction_drop_share,
        sum(case when signal_code = 'contact_missed' then amount end) as contact_missed_count,
        max(case when signal_code = 'invoice_overdue' then age_days end) as invoice_overdue_days,
        sum(case when signal_code = 'visit' then amount end) as visit_count,
        sum(case when signal_code = 'earlier_visit' then amount end) as earlier_visit_count,
        sum(case when signal_code = 'click' then amount end) as click_count,
        count(case when signal_code = 'unsubscribed' then 1 end) as unsubscribed_count,
        sum(case when signal_code = 'breach' then amount end) as breach_count,
        sum(case when signal_code = 'dissatisfied' then amount end) as dissatisfied_count,
        sum(case when signal_code = 'refund' then amount end) as refund_count,
        sum(case when signal_code = 'discount' then amount end) as discount_count,
        sum(case when signal_code = 'category' then amount end) as category_count,
        sum(case when signal_code = 'category_left' then amount end) as category_left_count,
        sum(case when signal_code = 'points_expiring' then amount end) as expiring_points
    from live_signals
    group by customer_key, evaluation_date

),

measured as (

    select
        buyers.customer_key,
        buyers.evaluation_date,
        buyers.evaluation_number,
        buyers.is_provisional,
        buyers.is_latest,
        buyers.policy_customer_type,
        buyers.horizon_days,
        buyers.net_revenue_amount,
        buyers.active_days,
        cast(buyers.recency_days as double) as recency_days,
        cast(buyers.purchase_day_count as double) as purchase_day_count,
        cast(buyers.purchase_day_90_count as double) as purchase_day_90_count,
        cast(buyers.purchase_day_365_count as double) as purchase_day_365_count,
        cast(buyers.tenure_days as double) as tenure_days,
        cast(greatest(buyers.net_revenue_365_amount, 0) as double) as net_revenue_365_amount,
        -- A gap of one is chance; ten times the usual says no more than that they left.
        case
            when buyers.purchase_day_count >= 3
                then least(
                    cast(buyers.recency_days as double)
                    * (cast(buyers.purchase_day_count as double) - 1)
                    / cast(greatest(buyers.active_days, 1) as double),
                    10
                )
        end as silence_ratio,
        case
            when buyers.purchase_day_180_count - buyers.purchase_day_90_count >= 2
                then greatest(
                    1 - cast(buyers.purchase_day_90_count as double)
                    / cast(
                        buyers.purchase_day_180_count - buyers.purchase_day_90_count as double
                    ),
                    0
                )
        end as frequency_drop_share,
        case
            when buyers.net_revenue_180_amount - buyers.net_revenue_90_amount > 0
                then least(greatest(
                    1 - cast(buyers.net_revenue_90_amount as double)
                    / cast(
                        buyers.net_revenue_180_amount - buyers.net_revenue_90_amount as double
                    ),
                    0
                ), 1)
        end as spend_drop_share,
        case when known_by_evaluation.knows_tickets then cast(
            coalesce(signals.complaint_open_days, 0) as double
        ) end as complaint_open_days,
        case when known_by_evaluation.knows_tickets then cast(
            coalesce(signals.complaint_count, 0) as double
        ) end as complaint_90_count,
        case when known_by_evaluation.knows_tickets then cast(
            coalesce(signals.request_open_days, 0) as double
        ) end as request_open_days,
        case when known_by_evaluation.knows_tickets then least(cast(
            coalesce(signals.slow_answer_hours, 0) as double
        ), 240) end as slow_answer_hours,
        case when known_by_evaluation.knows_tickets then cast(
            coalesce(signals.competitor_count, 0) as double
        ) end as competitor_90_count,
        cast(signals.satisfaction_share as double) as satisfaction_share,
        cast(signals.satisfaction_drop_share as double) as satisfaction_drop_share,
        case when known_by_evaluation.knows_contacts then cast(
            coalesce(signals.contact_missed_count, 0) as double
        ) end as contact_missed_count,
        case when known_by_evaluation.knows_invoices then cast(
            coalesce(signals.invoice_overdue_days, 0) as double
        ) end as invoice_overdue_days,
        case when known_by_evaluation.knows_activity then cast(
            coalesce(signals.visit_count, 0) as double
        ) end as visit_30_count,
        case
            when signals.earlier_visit_count >= 3
                then greatest(
                    1 - 3 * cast(coalesce(signals.visit_count, 0) as double)
                    / cast(signals.earlier_visit_count as double),
                    0
                )
        end as visit_drop_share,
        cast(signals.earlier_visit_count as double) as earlier_visit_count,
        case when known_by_evaluation.knows_campaigns then cast(
            coalesce(signals.click_count, 0) as double
        ) end as click_180_count,
        case when known_by_evaluation.knows_campaigns then cast(
            case when signals.unsubscribed_count > 0 then 1 else 0 end as double
        ) end as has_unsubscribed,
        cast(coalesce(signals.refund_count, 0) as double) as refund_180_count,
        case
            when buyers.purchase_day_180_count > 0
                then least(
                    cast(coalesce(signals.discount_count, 0) as double)
                    / cast(buyers.purchase_day_180_count as double),
                    1
                )
        end as discount_180_share,
        -- Who leaves one of two categories changes; with one there is none to change.
        case
            when
                coalesce(signals.category_count, 0) + coalesce(signals.category_left_count, 0) >= 2
                then
                    cast(coalesce(signals.category_left_count, 0) as double)
                    / cast(
                        coalesce(signals.category_count, 0)
                        + coalesce(signals.category_left_count, 0) as double
                    )
        end as category_left_share,
        case when known_by_evaluation.knows_tickets then cast(
            coalesce(signals.breach_count, 0) as double
        ) end as breach_90_count,
        case when known_by_evaluation.knows_surveys then cast(
            coalesce(signals.dissatisfied_count, 0) as double
        ) end as dissatisfied_90_count,
        case when known_by_evaluation.knows_points then cast(
            coalesce(signals.expiring_points, 0) as double
        ) end as points_expiring_count
    from buyers
    inner join known_by_evaluation
        on buyers.evaluation_date = known_by_evaluation.evaluation_date
    left join signals_by_evaluation as signals
        on buyers.customer_key = signals.customer_key
        and buyers.evaluation_date = signals.evaluation_date

)

select * from measured

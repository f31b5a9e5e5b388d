with losses as (

    select * from {{ ref('int_losses__dated') }}

),

statements as (

    select * from {{ ref('int_loss_statements__dated') }}

),

loss_reason_sources as (

    select * from {{ ref('loss_reason_sources') }}

),

loss_reason_classes as (

    select * from {{ ref('loss_reason_classes') }}

),

win_back_priorities as (

    select * from {{ ref('win_back_priorities') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

measured as (

    select * from {{ ref('int_customers__measured') }}

),

purchases as (

    select * from {{ ref('int_purchases__sequenced') }}

),

movements as (

    select * from {{ ref('int_revenue__movements') }}

),

contracts as (

    select * from {{ ref('int_contracts__resolved') }}

),

tickets as (

    select * from {{ ref('int_tickets__in_force') }}

),

interactions as (

    select * from {{ ref('int_interactions__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- What was said before the relationship, or after it came back, belongs to another loss.
statements_of_losses as (

    select
        losses.customer_key,
        losses.lost_on,
        statements.loss_source_code,
        statements.statement_id,
        statements.loss_reason_code,
        statements.competitor,
        statements.is_complaint,
        statements.is_negative,
        statements.said_on,
        loss_reason_sources.source_rank
    from losses
    inner join statements
        on losses.customer_key = statements.customer_key
        and losses.began_on <= statements.said_on
        and coalesce(losses.returned_on > statements.said_on, true)
    inner join loss_reason_sources
        on statements.loss_source_code = loss_reason_sources.loss_source_code
        and losses.lost_on - loss_reason_sources.days_before <= statements.said_on
        and losses.lost_on + loss_reason_sources.days_after >= statements.said_on

),

stated_reasons as (

    select *
    from statements_of_losses
    where loss_reason_code is not null
    qualify
        row_number() over (
            partition by customer_key, lost_on
            order by
                source_rank asc nulls last, said_on desc nulls last, statement_id asc nulls last
        ) = 1

),

named_competitors as (

    select *
    from statements_of_losses
    where competitor is not null
    qualify
        row_number() over (
            partition by customer_key, lost_on
            order by
                source_rank asc nulls last, said_on desc nulls last, statement_id asc nulls last
        ) = 1

),

troubles_before as (

    select
        customer_key,
        lost_on,
        count(case when is_complaint then 1 end) as complaint_count,
        count(case when is_negative then 1 end) as negative_answer_count
    from statements_of_losses
    where said_on <= lost_on
    group by customer_key, lost_on

),

open_complaints as (

    select
        losses.customer_key,
        losses.lost_on,
        count(*) as open_complaint_count
    from losses
    inner join records
        on losses.customer_key = records.customer_key
    inner join tickets
        on records.namespace = 'crm'
        and records.record_id = tickets.source_customer_id
        and tickets.kind = 'complaint'
    cross join parameters
    where
        {{ business_day('tickets.opened_at', 'parameters.business_timezone') }} <= losses.lost_on
        and (
            coalesce(
                {{ business_day('tickets.resolved_at', 'parameters.business_timezone') }}
                > losses.lost_on,
                true
            )
            -- Resolved, and open again by that day.
            or coalesce(
                tickets.reopened_at > tickets.resolved_at
                and {{ business_day('tickets.reopened_at', 'parameters.business_timezone') }}
                <= losses.lost_on,
                false
            )
        )
    group by losses.customer_key, losses.lost_on

),

last_contacts as (

    select
        losses.customer_key,
        losses.lost_on,
        max({{ business_day('interactions.done_at', 'parameters.business_timezone') }})
            as last_contacted_on
    from losses
    inner join records
        on losses.customer_key = records.customer_key
    inner join interactions
        on records.namespace = 'crm'
        and records.record_id = interactions.source_customer_id
    cross join parameters
    where
        -- A call that nobody took reached nobody.
        coalesce(interactions.responded, true)
        and {{ business_day('interactions.done_at', 'parameters.business_timezone') }}
        <= losses.lost_on
    group by losses.customer_key, losses.lost_on

),

purchases_before as (

    select
        losses.customer_key,
        losses.lost_on,
        count(*) as purchase_day_count,
        min(purchases.purchased_on) as first_purchased_on,
        max(purchases.purchased_on) as last_purchased_on
    from losses
    inner join purchases
        on losses.customer_key = purchases.customer_key
        and losses.lost_on >= purchases.purchased_on
        and {{ or_forever('purchases.called_off_on') }} > losses.lost_on
    group by losses.customer_key, losses.lost_on

),

contracts_before as (

    select
        losses.customer_key,
        losses.lost_on,
        contracts.starts_on,
        contracts.amount,
        contracts.day_count,
        contracts.last_on
    from losses
    inner join contracts
        on losses.customer_key = contracts.customer_key
        and losses.lost_on >= contracts.starts_on
    where not contracts.is_called_off

),

contract_ends as (

    select
        customer_key,
        lost_on,
        min(starts_on) as first_contract_on,
        max(last_on) as contract_ended_on
    from contracts_before
    group by customer_key, lost_on

),

value_bases as (

    select
        losses.customer_key,
        losses.lost_on,
        losses.returned_on,
        purchases_before.purchase_day_count,
        purchases_before.first_purchased_on,
        purchases_before.last_purchased_on,
        contract_ends.first_contract_on,
        contract_ends.contract_ended_on,
        -- By contracts, but for a loss long after the last of them.
        measured.value_basis = 'contracts'
        and coalesce(
            contract_ends.contract_ended_on > purchases_before.last_purchased_on - 365,
            contract_ends.contract_ended_on is not null
        ) as is_by_contracts
    from losses
    inner join measured
        on losses.customer_key = measured.customer_key
        and measured.is_latest
    left join purchases_before
        on losses.customer_key = purchases_before.customer_key
        and losses.lost_on = purchases_before.lost_on
    left join contract_ends
        on losses.customer_key = contract_ends.customer_key
        and losses.lost_on = contract_ends.lost_on

),

contracts_of_last_year as (

    select
        value_bases.customer_key,
        value_bases.lost_on,
        contracts_before.amount,
        contracts_before.day_count,
        greatest(
            {{ days_from(
                'greatest(contracts_before.starts_on, value_bases.contract_ended_on - 364)',
                'contracts_before.last_on'
            ) }} + 1,
            0
        ) as day_365_count
    from value_bases
    inner join contracts_before
        on value_bases.customer_key = contracts_before.customer_key
        and value_bases.lost_on = contracts_before.lost_on
    where value_bases.is_by_contracts

),

contract_values as (

    select
        customer_key,
        lost_on,
        cast(sum({{ rounded(
            'cast(amount as double) * day_365_count / nullif(day_count, 0)', 18, 4
        ) }}) as decimal(18, 4)) as amount
    from contracts_of_last_year
    group by customer_key, lost_on

),

-- Returns of what was bought last are in, up to the loss.
order_values as (

    select
        value_bases.customer_key,
        value_bases.lost_on,
        cast(sum(movements.amount) as decimal(18, 4)) as net_revenue_amount,
        cast(sum(case
            when movements.moved_on > value_bases.last_purchased_on - 365 then movements.amount
            else 0
        end) as decimal(18, 4)) as last_year_amount
    from value_bases
    inner join movements
        on value_bases.customer_key = movements.customer_key
        and value_bases.lost_on >= movements.moved_on
    group by value_bases.customer_key, value_bases.lost_on

),

described as (

    select
        losses.customer_key,
        losses.loss_number,
        losses.policy_customer_type,
        losses.loss_kind,
        stated_reasons.loss_reason_code as stated_reason_code,
        stated_reasons.loss_source_code as stated_reason_source,
        coalesce(stated_reasons.loss_reason_code, 'unstated') as classed_reason_code,
        named_competitors.competitor,
        tiers.tier_code,
        coalesce(tiers.tier_rank, 1) as tier_rank,
        losses.is_won_back,
        coalesce(open_complaints.open_complaint_count, 0) > 0 as has_open_complaint,
        coalesce(troubles_before.complaint_count, 0) as complaint_count,
        coalesce(troubles_before.negative_answer_count, 0) as negative_answer_count,
        coalesce(value_bases.purchase_day_count, 0) as purchase_day_count,
        {{ days_from(
            'least(value_bases.first_purchased_on, value_bases.first_contract_on)',
            'losses.lost_on'
        ) }}
            as tenure_days,
        case
            when losses.is_won_back then {{ days_from('losses.lost_on', 'losses.returned_on') }}
            else {{ days_from('losses.lost_on', 'parameters.as_of_date') }}
        end as lost_days,
        order_values.net_revenue_amount,
        case
            when value_bases.is_by_contracts then contract_values.amount
            else order_values.last_year_amount
        end as value_lost_amount,
        value_bases.first_purchased_on,
        value_bases.last_purchased_on,
        value_bases.contract_ended_on,
        last_contacts.last_contacted_on,
        losses.lost_on,
        losses.returned_on
    from losses
    cross join parameters
    inner join value_bases
        on losses.customer_key = value_bases.customer_key
        and losses.lost_on = value_bases.lost_on
    left join stated_reasons
        on losses.customer_key = stated_reasons.customer_key
        and losses.lost_on = stated_reasons.lost_on
    left join named_competitors
        on losses.customer_key = named_competitors.customer_key
        and losses.lost_on = named_competitors.lost_on
    left join troubles_before
        on losses.customer_key = troubles_before.customer_key
        and losses.lost_on = troubles_before.lost_on
    left join open_complaints
        on losses.customer_key = open_complaints.customer_key
        and losses.lost_on = open_complaints.lost_on
    left join last_contacts
        on losses.customer_key = last_contacts.customer_key
        and losses.lost_on = last_contacts.lost_on
    left join contract_values
        on losses.customer_key = contract_values.customer_key
        and losses.lost_on = contract_values.lost_on
    left join order_values
        on losses.customer_key = order_values.customer_key
        and losses.lost_on = order_values.lost_on
    left join tiers
        on losses.customer_key = tiers.customer_key
        and losses.lost_on >= tiers.valid_from
        and losses.lost_on <= {{ or_forever('tiers.valid_to') }}

),

-- Of the rules that fit, the first decides; who is back needs no winning back.
prioritised as (

    select
        described.customer_key,
        described.lost_on,
        -- portable: the order of a rule is its own, and none is without a priority.
        min_by(win_back_priorities.win_back_priority, win_back_priorities.rule_order)
            as win_back_priority
    from described
    inner join loss_reason_classes
        on described.classed_reason_code = loss_reason_classes.loss_reason_code
    inner join win_back_priorities
        on coalesce(loss_reason_classes.addressability = win_back_priorities.addressability, true)
        and described.tier_rank >= win_back_priorities.least_tier_rank
        and described.lost_days <= win_back_priorities.most_days
    cross join parameters
    where
        not described.is_won_back
        and parameters.as_of_date >= win_back_priorities.valid_from
        and parameters.as_of_date <= win_back_priorities.valid_to
    group by described.customer_key, described.lost_on

),

explained as (

    select
        {{ star_without(['classed_reason_code', 'lost_days'], 'described') }},
        cast(described.lost_days as bigint) as lost_day_count,
        -- That a contract ran out says something where nobody said why.
        case
            when described.loss_kind = 'not_renewed' and loss_reason_classes.reason_class = 'none'
                then 'renewal'
            else loss_reason_classes.reason_class
        end as reason_class,
        prioritised.win_back_priority,
        case when not described.is_won_back then loss_reason_classes.next_step_en end
            as next_step_en,
        case when not described.is_won_back then loss_reason_classes.next_step_zh end
            as next_step_zh
    from described
    inner join loss_reason_classes
        on described.classed_reason_code = loss_reason_classes.loss_reason_code
    left join prioritised
        on described.customer_key = prioritised.customer_key
        and described.lost_on = prioritised.lost_on

)

select * from explained

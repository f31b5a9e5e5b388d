-- What keeps a customer is a span of days: a purchase keeps until lost_days after it, a
-- contract until its last day and the days of grace. Where no span follows, a customer
-- is lost. On any day this reads nothing of later days, whatever later spans do: an order
-- that is called off after the loss leaves it as it was.
with measured as (

    select * from {{ ref('int_customers__measured') }}

),

purchases as (

    select * from {{ ref('int_purchases__sequenced') }}

),

contracts as (

    select * from {{ ref('int_contracts__resolved') }}

),

lifecycle_policies as (

    select * from {{ ref('lifecycle_policies') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

customers as (

    select
        customer_key,
        policy_customer_type,
        terminated_on
    from measured
    where is_latest

),

contract_periods as (

    select
        customers.customer_key,
        customers.policy_customer_type,
        contracts.contract_id,
        contracts.starts_on,
        contracts.ends_on,
        contracts.terminated_on,
        contracts.last_on
    from contracts
    inner join customers
        on contracts.customer_key = customers.customer_key
    cross join parameters
    where
        contracts.starts_on <= parameters.as_of_date
        and not contracts.is_called_off

),

-- The first that took up where a contract ran out, on its last day or later.
next_periods as (

    select
        contract_periods.contract_id,
        min(later_periods.starts_on) as starts_on
    from contract_periods
    inner join contract_periods as later_periods
        on contract_periods.customer_key = later_periods.customer_key
        and contract_periods.last_on <= later_periods.starts_on
        and contract_periods.starts_on < later_periods.starts_on
    group by contract_periods.contract_id

),

-- Renewals come late, so a contract that ran out has days of grace until the next begins,
-- which keeps the customer for itself; one that was ended early has none.
contract_spans as (

    select
        contract_periods.customer_key,
        contract_periods.starts_on as from_on,
        coalesce(contract_periods.terminated_on, contract_periods.last_on) as ended_on,
        case
            when contract_periods.terminated_on is not null then contract_periods.last_on
            else
                greatest(
                    contract_periods.last_on,
                    least(
                        contract_periods.last_on + lifecycle_policies.renewal_grace_days,
                        next_periods.starts_on - 1
                    )
                )
        end as until_on,
        case
            when contract_periods.terminated_on is not null then 'terminated'
            else 'not_renewed'
        end as loss_kind
    from contract_periods
    inner join lifecycle_policies
        on contract_periods.policy_customer_type = lifecycle_policies.customer_type
        and contract_periods.ends_on >= lifecycle_policies.valid_from
        and contract_periods.ends_on <= lifecycle_policies.valid_to
    left join next_periods
        on contract_periods.contract_id = next_periods.contract_id

),

-- The first day on which the policy then in force holds the silence to be too long: a
-- new policy makes nobody lost in the past and brings nobody back.
purchase_spans as (

    select
        purchases.customer_key,
        purchases.purchased_on,
        purchases.called_off_on,
        min(greatest(
            lifecycle_policies.valid_from,
            purchases.purchased_on + lifecycle_policies.lost_days + 1
        )) - 1 as silent_until
    from purchases
    inner join customers
        on purchases.customer_key = customers.customer_key
    inner join lifecycle_policies
        on customers.policy_customer_type = lifecycle_policies.customer_type
        and greatest(
            lifecycle_policies.valid_from,
            purchases.purchased_on + lifecycle_policies.lost_days + 1
        ) <= lifecycle_policies.valid_to
    group by purchases.customer_key, purchases.purchased_on, purchases.called_off_on

),

-- When a contract ends, so does what was bought by then, on the day itself too: only what
-- is bought afterwards keeps the customer. What was called off keeps until that day.
spans as (

    select
        customer_key,
        from_on,
        ended_on,
        until_on,
        loss_kind,
        cast(null as date) as called_off_on
    from contract_spans
    union all
    select
        customer_key,
        purchased_on as from_on,
        purchased_on as ended_on,
        silent_until as until_on,
        'silent' as loss_kind,
        called_off_on
    from purchase_spans

),

spans_with_next_end as (

    select
        *,
        min(case when loss_kind <> 'silent' then until_on end) over (
            partition by customer_key
            order by ended_on desc nulls last
            range between unbounded preceding and current row
        ) as contract_until_on
    from spans

),

uncut_spans as (

    select
        customer_key,
        from_on,
        ended_on,
        called_off_on,
        loss_kind <> 'silent' as is_contract,
        case
            when loss_kind = 'silent'
                then least(until_on, contract_until_on, called_off_on - 1)
            else until_on
        end as until_on,
        case
            when loss_kind <> 'silent' or coalesce(until_on < contract_until_on, true)
                then loss_kind
        end as loss_kind
    from spans_with_next_end

),

terminated_spans as (

    select
        uncut_spans.*,
        customers.terminated_on,
        coalesce(
            uncut_spans.from_on <= customers.terminated_on
            and uncut_spans.until_on >= customers.terminated_on - 1,
            false
        ) as is_cut
    from uncut_spans
    inner join customers
        on uncut_spans.customer_key = customers.customer_key

),

-- A customer who says that it is over is lost from that day on, whatever still runs. A
-- record that is closed within the days of grace says only that nobody renewed.
cut_spans as (

    select
        customer_key,
        from_on,
        called_off_on,
        is_contract,
        case when is_cut then terminated_on - 1 else until_on end as until_on,
        case
            when not is_cut or (is_contract and ended_on < terminated_on) then loss_kind
            else 'terminated'
        end as loss_kind
    from terminated_spans

),

spans_with_last as (

    select
        *,
        max(until_on) over (
            partition by customer_key
            order by from_on nulls last, until_on nulls last
            rows between unbounded preceding and 1 preceding
        ) as kept_until_on
    from cut_spans

),

numbered_spans as (

    select
        *,
        sum(case when coalesce(from_on <= kept_until_on + 1, false) then 0 else 1 end) over (
            partition by customer_key
            order by from_on nulls last, until_on nulls last
            rows between unbounded preceding and current row
        ) as relationship_number
    from spans_with_last

),

-- What no longer stands on the day of the loss says nothing of how the customer was lost.
spans_of_relationships as (

    select
        customer_key,
        relationship_number,
        from_on,
        until_on,
        is_contract,
        case
            when coalesce(called_off_on > max(until_on) over relationship + 1, true)
                then loss_kind
        end as loss_kind
    from numbered_spans
    window relationship as (partition by customer_key, relationship_number)

),

merged as (

    select
        customer_key,
        relationship_number,
        min(from_on) as began_on,
        max(until_on) as kept_until_on,
        max(case when loss_kind is not null then until_on end) as standing_until_on,
        max(case when loss_kind = 'terminated' then until_on end) as terminated_until_on,
        max(case when loss_kind = 'terminated' and is_contract then until_on end)
            as contract_terminated_until_on,
        max(case when loss_kind = 'not_renewed' then until_on end) as contract_ended_until_on
    from spans_of_relationships
    group by customer_key, relationship_number

),

ended as (

    select
        *,
        case
            when standing_until_on is null then null
            when contract_terminated_until_on = standing_until_on then 'terminated'
            when contract_ended_until_on = standing_until_on then 'not_renewed'
            when terminated_until_on = standing_until_on then 'terminated'
            else 'silent'
        end as ended_as
    from merged

),

-- Nothing but what was called off again says nothing of how a customer is lost: that was
-- said before, or they never were a customer.
with_kinds as (

    select
        *,
        {{ last_known('ended_as') }} over (
            partition by customer_key
            order by relationship_number nulls last
            rows between unbounded preceding and current row
        ) as loss_kind
    from ended

),

relationships as (

    select
        with_kinds.customer_key,
        cast(with_kinds.relationship_number as bigint) as relationship_number,
        with_kinds.loss_kind,
        coalesce(
            lag(with_kinds.loss_kind) over (
                partition by with_kinds.customer_key
                order by with_kinds.relationship_number nulls last
            ) is not null,
            false
        ) as is_return,
        with_kinds.began_on,
        with_kinds.kept_until_on,
        case
            when with_kinds.kept_until_on < parameters.as_of_date
                then with_kinds.kept_until_on + 1
        end as lost_on,
        lead(with_kinds.began_on) over (
            partition by with_kinds.customer_key order by with_kinds.relationship_number nulls last
        ) as returned_on
    from with_kinds
    cross join parameters

)

select * from relationships

-- Purchases are not imported by a CTE: what is read twice DuckDB would hold whole.
with customers as (

    select * from {{ ref('int_customers__golden') }}

),

typed_customers as (

    select * from {{ ref('int_customers__typed') }}

),

evaluations as (

    {{ touched_rows(ref('int_evaluations__fingerprinted')) }}

),

days as (

    select * from {{ ref('int_days__evaluated') }}

),

movements as (

    select * from {{ ref('int_revenue__movements') }}

),

contracts as (

    {{ touched_rows(ref('int_contracts__evaluated')) }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- To the first evaluation that is built, all that it counts is as if it came with it.
first_to_build as (

    select min(evaluation_number) as evaluation_number
    from evaluations

),

evaluated_days as (

    select
        days.date_day,
        greatest(days.evaluation_number, first_to_build.evaluation_number) as evaluation_number
    from days
    cross join first_to_build

),

-- Numbered, since a number is counted by and joined on several times as fast as a key.
numbered_customers as (

    select
        customers.customer_key,
        row_number() over (order by customers.customer_key nulls last) as customer_number,
        {{ business_day('customers.first_seen_at', 'parameters.business_timezone') }}
            as first_seen_on,
        {{ business_day('customers.terminated_at', 'parameters.business_timezone') }}
            as terminated_on,
        typed_customers.customer_type as policy_customer_type,
        typed_customers.value_basis
    from customers
    inner join typed_customers
        on customers.customer_key = typed_customers.customer_key
    cross join parameters

),

facts as (

    select
        numbered_customers.customer_number,
        purchases.purchased_on as happened_on,
        1 as purchase_days,
        cast(0 as decimal(18, 4)) as amount,
        purchases.purchased_on
    from {{ ref('int_purchases__sequenced') }} as purchases
    inner join numbered_customers
        on purchases.customer_key = numbered_customers.customer_key
    where purchases.called_off_on is null
    union all
    select
        numbered_customers.customer_number,
        movements.moved_on as happened_on,
        0 as purchase_days,
        movements.amount,
        cast(null as date) as purchased_on
    from movements
    inner join numbered_customers
        on movements.customer_key = numbered_customers.customer_key
    where movements.amount is not null

),

-- Whatever is counted over days enters a window on its day and leaves it so many days
-- later: two changes each, and running sums give every window at every evaluation.
days_with_ends as (

    select
        entry_days.date_day,
        entry_days.evaluation_number,
        days_90.evaluation_number as evaluation_number_90,
        days_180.evaluation_number as evaluation_number_180,
        days_365.evaluation_number as evaluation_number_365
    from evaluated_days as entry_days
    left join evaluated_days as days_90
        on entry_days.date_day + 90 = days_90.date_day
    left join evaluated_days as days_180
        on entry_days.date_day + 180 = days_180.date_day
    left join evaluated_days as days_365
        on entry_days.date_day + 365 = days_365.date_day

),

facts_by_evaluation as (

    select
        facts.customer_number,
        days_with_ends.evaluation_number,
        days_with_ends.evaluation_number_90,
        days_with_ends.evaluation_number_180,
        days_with_ends.evaluation_number_365,
        cast(sum(facts.purchase_days) as integer) as purchase_days,
        cast(sum(facts.amount) as decimal(18, 4)) as amount,
        min(facts.purchased_on) as first_purchased_on,
        max(facts.purchased_on) as last_purchased_on
    from facts
    inner join days_with_ends
        on facts.happened_on = days_with_ends.date_day
    group by
        facts.customer_number,
        days_with_ends.evaluation_number,
        days_with_ends.evaluation_number_90,
        days_with_ends.evaluation_number_180,
        days_with_ends.evaluation_number_365

),

first_evaluations as (

    -- Who was seen before the first day is there from the first evaluation on.
    select
        numbered_customers.customer_number,
        coalesce(evaluated_days.evaluation_number, first_to_build.evaluation_number)
            as evaluation_number
    from numbered_customers
    cross join first_to_build
    left join evaluated_days
        on numbered_customers.first_seen_on = evaluated_days.date_day

),

-- Called off since, but a purchase in the eyes of these evaluations.
passing_purchases as (

    select
        numbered_customers.customer_number,
        evaluations.evaluation_number,
        count(*) as purchase_days,
        count(case when purchases.purchased_on > evaluations.evaluation_date - 90 then 1 end)
            as purchase_days_90,
        count(case when purchases.purchased_on > evaluations.evaluation_date - 180 then 1 end)
            as purchase_days_180,
        count(case when purchases.purchased_on > evaluations.evaluation_date - 365 then 1 end)
            as purchase_days_365,
        min(purchases.purchased_on) as first_purchased_on,
        max(purchases.purchased_on) as last_purchased_on
    from {{ ref('int_purchases__sequenced') }} as purchases
    inner join evaluations
        on purchases.purchased_on <= evaluations.evaluation_date
        and purchases.called_off_on > evaluations.evaluation_date
    inner join numbered_customers
        on purchases.customer_key = numbered_customers.customer_key
    where purchases.called_off_on is not null
    group by numbered_customers.customer_number, evaluations.evaluation_number

),

numbered_contracts as (

    select
        numbered_customers.customer_number,
        evaluations.evaluation_number,
        contracts.first_contract_on,
        contracts.contract_ends_on,
        contracts.has_running_contract,
        contracts.contract_365_amount
    from contracts
    inner join numbered_customers
        on contracts.customer_key = numbered_customers.customer_key
    inner join evaluations
        on contracts.evaluation_date = evaluations.evaluation_date

),

-- Evaluations of a customer that stand for themselves, whatever changes by then: the
-- first one, those with a contract, those that see a purchase called off since, and the
-- next that no longer do.
standing_alone as (

    select
        customer_number,
        evaluation_number
    from first_evaluations
    union all
    select
        customer_number,
        evaluation_number
    from numbered_contracts
    union all
    select
        passing_purchases.customer_number,
        evaluations.evaluation_number
    from passing_purchases
    inner join evaluations
        on passing_purchases.evaluation_number <= evaluations.evaluation_number
        and passing_purchases.evaluation_number + 1 >= evaluations.evaluation_number

),

changes as (

    select
        customer_number,
        evaluation_number,
        purchase_days,
        purchase_days as purchase_days_90,
        purchase_days as purchase_days_180,
        purchase_days as purchase_days_365,
        amount,
        amount as amount_90,
        amount as amount_180,
        amount as amount_365,
        first_purchased_on,
        last_purchased_on
    from facts_by_evaluation
    union all
    select
        customer_number,
        evaluation_number_90 as evaluation_number,
        0 as purchase_days,
        -purchase_days as purchase_days_90,
        0 as purchase_days_180,
        0 as purchase_days_365,
        0 as amount,
        -amount as amount_90,
        0 as amount_180,
        0 as amount_365,
        cast(null as date) as first_purchased_on,
        cast(null as date) as last_purchased_on
    from facts_by_evaluation
    where evaluation_number_90 is not null
    union all
    select
        customer_number,
        evaluation_number_180 as evaluation_number,
        0 as purchase_days,
        0 as purchase_days_90,
        -purchase_days as purchase_days_180,
        0 as purchase_days_365,
        0 as amount,
        0 as amount_90,
        -amount as amount_180,
        0 as amount_365,
        cast(null as date) as first_purchased_on,
        cast(null as date) as last_purchased_on
    from facts_by_evaluation
    where evaluation_number_180 is not null
    union all
    select
        customer_number,
        evaluation_number_365 as evaluation_number,
        0 as purchase_days,
        0 as purchase_days_90,
        0 as purchase_days_180,
        -purchase_days as purchase_days_365,
        0 as amount,
        0 as amount_90,
        0 as amount_180,
        -amount as amount_365,
        cast(null as date) as first_purchased_on,
        cast(null as date) as last_purchased_on
    from facts_by_evaluation
    where evaluation_number_365 is not null
    union all
    select
        customer_number,
        evaluation_number,
        0 as purchase_days,
        0 as purchase_days_90,
        0 as purchase_days_180,
        0 as purchase_days_365,
        0 as amount,
        0 as amount_90,
        0 as amount_180,
        0 as amount_365,
        cast(null as date) as first_purchased_on,
        cast(null as date) as last_purchased_on
    from standing_alone

),

-- Customer and evaluation as one number: two would be grouped by more slowly, and DuckDB
-- would guess so few groups that it then joins to them the wrong way round.
changes_by_evaluation as (

    select
        min(customer_number) as customer_number,
        min(evaluation_number) as evaluation_number,
        cast(sum(purchase_days) as integer) as purchase_days,
        cast(sum(purchase_days_90) as integer) as purchase_days_90,
        cast(sum(purchase_days_180) as integer) as purchase_days_180,
        cast(sum(purchase_days_365) as integer) as purchase_days_365,
        cast(sum(amount) as decimal(18, 4)) as amount,
        cast(sum(amount_90) as decimal(18, 4)) as amount_90,
        cast(sum(amount_180) as decimal(18, 4)) as amount_180,
        cast(sum(amount_365) as decimal(18, 4)) as amount_365,
        min(first_purchased_on) as first_purchased_on,
        max(last_purchased_on) as last_purchased_on
    from changes
    group by customer_number * 10000 + evaluation_number

),

latest as (

    select max(evaluation_number) as evaluation_number
    from evaluations

),

running as (

    select
        changes.customer_number,
        changes.evaluation_number,
        lead(changes.evaluation_number, 1, latest.evaluation_number + 1) over (
            partition by changes.customer_number order by changes.evaluation_number nulls last
        ) as next_evaluation_number,
        cast(sum(changes.purchase_days) over so_far as integer) as purchase_days,
        cast(sum(changes.purchase_days_90) over so_far as integer) as purchase_days_90,
        cast(sum(changes.purchase_days_180) over so_far as integer) as purchase_days_180,
        cast(sum(changes.purchase_days_365) over so_far as integer) as purchase_days_365,
        cast(sum(changes.amount) over so_far as decimal(18, 4)) as amount,
        cast(sum(changes.amount_90) over so_far as decimal(18, 4)) as amount_90,
        cast(sum(changes.amount_180) over so_far as decimal(18, 4)) as amount_180,
        cast(sum(changes.amount_365) over so_far as decimal(18, 4)) as amount_365,
        min(changes.first_purchased_on) over so_far as first_purchased_on,
        max(changes.last_purchased_on) over so_far as last_purchased_on
    from changes_by_evaluation as changes
    cross join latest
    window so_far as (
        partition by changes.customer_number
        order by changes.evaluation_number nulls last
        rows between unbounded preceding and current row
    )

),

-- Joined before the rows are spelled out, else DuckDB holds all of those in memory.
running_with_more as (

    select
        running.*,
        passing_purchases.purchase_days as passing_days,
        passing_purchases.purchase_days_90 as passing_days_90,
        passing_purchases.purchase_days_180 as passing_days_180,
        passing_purchases.purchase_days_365 as passing_days_365,
        passing_purchases.first_purchased_on as first_passing_on,
        passing_purchases.last_purchased_on as last_passing_on,
        contracts.first_contract_on,
        contracts.contract_ends_on,
        contracts.has_running_contract,
        contracts.contract_365_amount
    from running
    left join passing_purchases
        on running.customer_number = passing_purchases.customer_number
        and running.evaluation_number = passing_purchases.evaluation_number
    left join numbered_contracts as contracts
        on running.customer_number = contracts.customer_number
        and running.evaluation_number = contracts.evaluation_number

),

-- What an evaluation counts stands until the next one that sees a change. Spelled out, so
-- that it is looked up and not compared with every evaluation.
standing as (

    select
        *,
        {{ each_number('evaluation_number', 'next_evaluation_number') }} as standing_number
    from running_with_more

),

measured as (

    select
        customers.customer_key,
        evaluations.evaluation_date,
        evaluations.evaluation_number,
        evaluations.is_provisional,
        evaluations.is_latest,
        customers.policy_customer_type,
        -- A customer of a type that is valued by contracts, but never had one, is valued
        -- by orders: never by both.
        case
            when standing.first_contract_on is not null then customers.value_basis
            else 'orders'
        end as value_basis,
        cast(standing.purchase_days + coalesce(standing.passing_days, 0) as bigint)
            as purchase_day_count,
        cast(standing.purchase_days_90 + coalesce(standing.passing_days_90, 0) as bigint)
            as purchase_day_90_count,
        cast(standing.purchase_days_180 + coalesce(standing.passing_days_180, 0) as bigint)
            as purchase_day_180_count,
        cast(standing.purchase_days_365 + coalesce(standing.passing_days_365, 0) as bigint)
            as purchase_day_365_count,
        standing.amount as net_revenue_amount,
        standing.amount_90 as net_revenue_90_amount,
        standing.amount_180 as net_revenue_180_amount,
        standing.amount_365 as net_revenue_365_amount,
        coalesce(standing.contract_365_amount, 0) as contract_365_amount,
        cast(case
            when standing.first_contract_on is not null and customers.value_basis = 'contracts'
                then standing.contract_365_amount
            else standing.amount_365
        end as decimal(18, 4)) as value_365_amount,
        coalesce(standing.has_running_contract, false) as has_running_contract,
        customers.first_seen_on,
        least(standing.first_purchased_on, standing.first_passing_on)
            as first_purchased_on,
        greatest(standing.last_purchased_on, standing.last_passing_on)
            as last_purchased_on,
        standing.first_contract_on,
        standing.contract_ends_on,
        least(standing.first_purchased_on, standing.first_passing_on, standing.first_contract_on)
            as customer_since,
        case
            when customers.terminated_on <= evaluations.evaluation_date then customers.terminated_on
        end as terminated_on
    from standing
    inner join evaluations
        on standing.standing_number = evaluations.evaluation_number
    inner join numbered_customers as customers
        on standing.customer_number = customers.customer_number
        and evaluations.evaluation_date >= customers.first_seen_on

)

select * from measured

with customers as (

    select * from {{ ref('int_customers__golden') }}

),

customer_types as (

    select * from {{ ref('customer_types') }}

),

lifecycle_policies as (

    select * from {{ ref('lifecycle_policies') }}

),

evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

evaluated_days as (

    select * from {{ ref('int_days__evaluated') }}

),

purchases as (

    select * from {{ ref('int_purchases__sequenced') }}

),

orders as (

    select * from {{ ref('int_orders__identified') }}

),

movements as (

    select * from {{ ref('int_revenue__movements') }}

),

contracts as (

    select * from {{ ref('int_contracts__evaluated') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

typed_customers as (

    select
        customers.customer_key,
        {{ business_day('customers.first_seen_at', 'parameters.business_timezone') }}
            as first_seen_on,
        {{ business_day('customers.terminated_at', 'parameters.business_timezone') }}
            as terminated_on,
        customer_types.customer_type as policy_customer_type,
        customer_types.value_basis
    from customers
    inner join customer_types
        on customers.customer_type = customer_types.customer_type
        or (customers.customer_type is null and customer_types.is_default)
    cross join parameters

),

standing_purchases as (

    select
        purchases.*,
        coalesce(
            purchases.purchased_on - purchases.previous_purchased_on
            > lifecycle_policies.lost_days,
            false
        ) as is_return
    from purchases
    inner join typed_customers
        on purchases.customer_key = typed_customers.customer_key
    inner join lifecycle_policies
        on typed_customers.policy_customer_type = lifecycle_policies.customer_type
        and purchases.purchased_on >= lifecycle_policies.valid_from
        and purchases.purchased_on <= lifecycle_policies.valid_to
    where purchases.called_off_on is null

),

revenue_by_day as (

    select
        orders.customer_key,
        movements.moved_on,
        cast(sum(movements.amount) as decimal(18, 4)) as amount
    from movements
    inner join orders
        on movements.order_key = orders.order_key
    where movements.amount is not null and orders.customer_key is not null
    group by orders.customer_key, movements.moved_on

),

-- Whatever is counted over days enters a window on its day and leaves it so many days
-- later: two changes each, and running sums give every window at every evaluation.
facts as (

    select
        customer_key,
        purchased_on as happened_on,
        1 as purchase_days,
        cast(0 as decimal(18, 4)) as amount,
        purchased_on,
        case when is_return then purchased_on end as returned_on
    from standing_purchases
    union all
    select
        customer_key,
        moved_on as happened_on,
        0 as purchase_days,
        amount,
        cast(null as date) as purchased_on,
        cast(null as date) as returned_on
    from revenue_by_day

),

changes as (

    select
        customer_key,
        happened_on as changed_on,
        purchase_days,
        purchase_days as purchase_days_90,
        purchase_days as purchase_days_180,
        purchase_days as purchase_days_365,
        amount,
        amount as amount_90,
        amount as amount_180,
        amount as amount_365,
        purchased_on,
        returned_on
    from facts
    union all
    select
        customer_key,
        happened_on + 90 as changed_on,
        0 as purchase_days,
        -purchase_days as purchase_days_90,
        0 as purchase_days_180,
        0 as purchase_days_365,
        0 as amount,
        -amount as amount_90,
        0 as amount_180,
        0 as amount_365,
        cast(null as date) as purchased_on,
        cast(null as date) as returned_on
    from facts
    union all
    select
        customer_key,
        happened_on + 180 as changed_on,
        0 as purchase_days,
        0 as purchase_days_90,
        -purchase_days as purchase_days_180,
        0 as purchase_days_365,
        0 as amount,
        0 as amount_90,
        -amount as amount_180,
        0 as amount_365,
        cast(null as date) as purchased_on,
        cast(null as date) as returned_on
    from facts
    union all
    select
        customer_key,
        happened_on + 365 as changed_on,
        0 as purchase_days,
        0 as purchase_days_90,
        0 as purchase_days_180,
        -purchase_days as purchase_days_365,
        0 as amount,
        0 as amount_90,
        0 as amount_180,
        -amount as amount_365,
        cast(null as date) as purchased_on,
        cast(null as date) as returned_on
    from facts

),

changes_by_evaluation as (

    select
        changes.customer_key,
        evaluated_days.evaluation_number,
        sum(changes.purchase_days) as purchase_days,
        sum(changes.purchase_days_90) as purchase_days_90,
        sum(changes.purchase_days_180) as purchase_days_180,
        sum(changes.purchase_days_365) as purchase_days_365,
        sum(changes.amount) as amount,
        sum(changes.amount_90) as amount_90,
        sum(changes.amount_180) as amount_180,
        sum(changes.amount_365) as amount_365,
        min(changes.purchased_on) as first_purchased_on,
        max(changes.purchased_on) as last_purchased_on,
        max(changes.returned_on) as returned_on
    from changes
    inner join evaluated_days
        on changes.changed_on = evaluated_days.date_day
    group by changes.customer_key, evaluated_days.evaluation_number

),

grid as (

    select
        typed_customers.*,
        evaluations.evaluation_date,
        evaluations.evaluation_number,
        evaluations.is_provisional,
        evaluations.is_latest
    from typed_customers
    inner join evaluations
        on typed_customers.first_seen_on <= evaluations.evaluation_date

),

running as (

    select
        grid.*,
        sum(coalesce(changes.purchase_days, 0)) over so_far as purchase_days,
        sum(coalesce(changes.purchase_days_90, 0)) over so_far as purchase_days_90,
        sum(coalesce(changes.purchase_days_180, 0)) over so_far as purchase_days_180,
        sum(coalesce(changes.purchase_days_365, 0)) over so_far as purchase_days_365,
        sum(coalesce(changes.amount, 0)) over so_far as amount,
        sum(coalesce(changes.amount_90, 0)) over so_far as amount_90,
        sum(coalesce(changes.amount_180, 0)) over so_far as amount_180,
        sum(coalesce(changes.amount_365, 0)) over so_far as amount_365,
        min(changes.first_purchased_on) over so_far as first_purchased_on,
        max(changes.last_purchased_on) over so_far as last_purchased_on,
        max(changes.returned_on) over so_far as returned_on
    from grid
    left join changes_by_evaluation as changes
        on grid.customer_key = changes.customer_key
        and grid.evaluation_number = changes.evaluation_number
    window so_far as (
        partition by grid.customer_key
        order by grid.evaluation_number
        rows between unbounded preceding and current row
    )

),

-- Called off since, but a purchase in the eyes of these evaluations.
passing_purchases as (

    select
        purchases.customer_key,
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
    from purchases
    inner join evaluations
        on purchases.purchased_on <= evaluations.evaluation_date
        and purchases.called_off_on > evaluations.evaluation_date
    group by purchases.customer_key, evaluations.evaluation_number

),

measured as (

    select
        running.customer_key,
        running.evaluation_date,
        running.evaluation_number,
        running.is_provisional,
        running.is_latest,
        running.policy_customer_type,
        -- A customer of a type that is valued by contracts, but never had one, is valued
        -- by orders: never by both.
        case
            when contracts.customer_key is not null then running.value_basis
            else 'orders'
        end as value_basis,
        cast(running.purchase_days + coalesce(passing_purchases.purchase_days, 0) as bigint)
            as purchase_day_count,
        cast(running.purchase_days_90 + coalesce(passing_purchases.purchase_days_90, 0) as bigint)
            as purchase_day_90_count,
        cast(running.purchase_days_180 + coalesce(passing_purchases.purchase_days_180, 0) as bigint)
            as purchase_day_180_count,
        cast(running.purchase_days_365 + coalesce(passing_purchases.purchase_days_365, 0) as bigint)
            as purchase_day_365_count,
        cast(running.amount as decimal(18, 4)) as net_revenue_amount,
        cast(running.amount_90 as decimal(18, 4)) as net_revenue_90_amount,
        cast(running.amount_180 as decimal(18, 4)) as net_revenue_180_amount,
        cast(running.amount_365 as decimal(18, 4)) as net_revenue_365_amount,
        coalesce(contracts.contract_365_amount, 0) as contract_365_amount,
        cast(case
            when contracts.customer_key is not null and running.value_basis = 'contracts'
                then contracts.contract_365_amount
            else running.amount_365
        end as decimal(18, 4)) as value_365_amount,
        coalesce(contracts.has_running_contract, false) as has_running_contract,
        coalesce(contracts.is_terminated, false) as has_terminated_contract,
        running.first_seen_on,
        least(running.first_purchased_on, passing_purchases.first_purchased_on)
            as first_purchased_on,
        greatest(running.last_purchased_on, passing_purchases.last_purchased_on)
            as last_purchased_on,
        running.returned_on,
        contracts.first_contract_on,
        contracts.contract_ends_on,
        case
            when running.terminated_on <= running.evaluation_date then running.terminated_on
        end as terminated_on
    from running
    left join passing_purchases
        on running.customer_key = passing_purchases.customer_key
        and running.evaluation_number = passing_purchases.evaluation_number
    left join contracts
        on running.customer_key = contracts.customer_key
        and running.evaluation_date = contracts.evaluation_date

)

select * from measured

with services as (

    select * from {{ ref('int_services__costed') }}

),

months as (

    select * from {{ ref('int_customer_months__flagged') }}

),

movements as (

    select * from {{ ref('int_revenue__movements') }}

),

typed_customers as (

    select * from {{ ref('int_customers__typed') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

known_months as (

    select
        cast(date_trunc('month', evaluation_date) as date) as month_date,
        is_provisional
    from evaluations

),

-- What a customer is worth is known at the month's end, the tier is the one held then.
stock as (

    select
        months.month_date,
        months.policy_customer_type as customer_type,
        coalesce(tiers.tier_code, 'none') as tier_code,
        count(*) as customer_count,
        sum(months.value_365_amount) as value_amount
    from months
    left join tiers
        on months.customer_key = tiers.customer_key
        and months.evaluation_date >= tiers.valid_from
        and months.evaluation_date <= {{ or_forever('tiers.valid_to') }}
    group by
        months.month_date, months.policy_customer_type, coalesce(tiers.tier_code, 'none')

),

revenue as (

    select
        cast(date_trunc('month', movements.moved_on) as date) as month_date,
        typed_customers.customer_type,
        coalesce(tiers.tier_code, 'none') as tier_code,
        sum(movements.amount) as revenue_amount
    from movements
    inner join typed_customers
        on movements.customer_key = typed_customers.customer_key
    left join tiers
        on movements.customer_key = tiers.customer_key
        and movements.moved_on >= tiers.valid_from
        and movements.moved_on <= {{ or_forever('tiers.valid_to') }}
    where movements.amount is not null
    group by
        cast(date_trunc('month', movements.moved_on) as date),
        typed_customers.customer_type, coalesce(tiers.tier_code, 'none')

),

effort as (

    select
        cast(date_trunc('month', services.happened_on) as date) as month_date,
        typed_customers.customer_type,
        services.tier_code,
        count(*) as service_count,
        count(services.cost_amount) as costed_service_count,
        count(case when services.is_staffed then 1 end) as staffed_service_count,
        count(case when services.is_staffed then services.minutes end) as timed_service_count,
        count(case when services.is_visit then 1 end) as visit_count,
        sum(services.minutes) as service_minutes,
        sum(case when services.is_staffed then services.cost_amount end) as staff_cost_amount,
        sum(case when services.service_kind = 'touch' then services.cost_amount end)
            as marketing_cost_amount,
        sum(case when services.service_kind = 'benefit' then services.cost_amount end)
            as benefit_cost_amount
    from services
    inner join typed_customers
        on services.customer_key = typed_customers.customer_key
    group by
        cast(date_trunc('month', services.happened_on) as date),
        typed_customers.customer_type, services.tier_code

),

cells as (

    select
        month_date,
        customer_type,
        tier_code
    from stock
    union distinct
    select
        month_date,
        customer_type,
        tier_code
    from revenue
    union distinct
    select
        month_date,
        customer_type,
        tier_code
    from effort

),

by_type as (

    select
        cells.month_date,
        cells.customer_type,
        cells.tier_code,
        known_months.is_provisional,
        coalesce(stock.customer_count, 0) as customer_count,
        coalesce(stock.value_amount, 0) as value_amount,
        coalesce(revenue.revenue_amount, 0) as revenue_amount,
        coalesce(effort.service_count, 0) as service_count,
        coalesce(effort.costed_service_count, 0) as costed_service_count,
        coalesce(effort.staffed_service_count, 0) as staffed_service_count,
        coalesce(effort.timed_service_count, 0) as timed_service_count,
        coalesce(effort.visit_count, 0) as visit_count,
        coalesce(effort.service_minutes, 0) as service_minutes,
        coalesce(effort.staff_cost_amount, 0) as staff_cost_amount,
        coalesce(effort.marketing_cost_amount, 0) as marketing_cost_amount,
        coalesce(effort.benefit_cost_amount, 0) as benefit_cost_amount
    from cells
    inner join known_months
        on cells.month_date = known_months.month_date
    left join stock
        on cells.month_date = stock.month_date
        and cells.customer_type = stock.customer_type
        and cells.tier_code = stock.tier_code
    left join revenue
        on cells.month_date = revenue.month_date
        and cells.customer_type = revenue.customer_type
        and cells.tier_code = revenue.tier_code
    left join effort
        on cells.month_date = effort.month_date
        and cells.customer_type = effort.customer_type
        and cells.tier_code = effort.tier_code

),

by_type_and_in_all as (

    select * from by_type
    union all
    select
        month_date,
        'all' as customer_type,
        tier_code,
        is_provisional,
        sum(customer_count) as customer_count,
        sum(value_amount) as value_amount,
        sum(revenue_amount) as revenue_amount,
        sum(service_count) as service_count,
        sum(costed_service_count) as costed_service_count,
        sum(staffed_service_count) as staffed_service_count,
        sum(timed_service_count) as timed_service_count,
        sum(visit_count) as visit_count,
        sum(service_minutes) as service_minutes,
        sum(staff_cost_amount) as staff_cost_amount,
        sum(marketing_cost_amount) as marketing_cost_amount,
        sum(benefit_cost_amount) as benefit_cost_amount
    from by_type
    group by month_date, tier_code, is_provisional

),

-- Where there was service but nobody knows the minutes or the cost, there is no number.
known as (

    select
        month_date,
        customer_type,
        tier_code,
        is_provisional,
        cast(customer_count as bigint) as customer_count,
        cast(value_amount as decimal(28, 4)) as value_amount,
        cast(revenue_amount as decimal(28, 4)) as revenue_amount,
        cast(service_count as bigint) as service_count,
        cast(costed_service_count as bigint) as costed_service_count,
        cast(staffed_service_count as bigint) as staffed_service_count,
        cast(timed_service_count as bigint) as timed_service_count,
        cast(visit_count as bigint) as visit_count,
        case
            when timed_service_count > 0 or staffed_service_count = 0
                then cast(service_minutes as decimal(28, 4))
        end as service_minutes,
        cast(staff_cost_amount as decimal(28, 4)) as staff_cost_amount,
        cast(marketing_cost_amount as decimal(28, 4)) as marketing_cost_amount,
        cast(benefit_cost_amount as decimal(28, 4)) as benefit_cost_amount,
        case
            when costed_service_count > 0 or service_count = 0
                then cast(
                    staff_cost_amount + marketing_cost_amount + benefit_cost_amount
                    as decimal(28, 4)
                )
        end as cost_amount
    from by_type_and_in_all

),

-- Of a sum that is not above 0 there are no shares.
shares as (

    select
        *,
        cast(customer_count as double)
        / nullif(cast(sum(customer_count) over whole as double), 0) as customer_share,
        case
            when sum(value_amount) over whole > 0
                then
                    cast(value_amount as double)
                    / nullif(cast(sum(value_amount) over whole as double), 0)
        end as value_share,
        case
            when sum(revenue_amount) over whole > 0
                then
                    cast(revenue_amount as double)
                    / nullif(cast(sum(revenue_amount) over whole as double), 0)
        end as revenue_share,
        cast(visit_count as double)
        / nullif(cast(sum(visit_count) over whole as double), 0) as visit_share,
        cast(service_minutes as double)
        / nullif(cast(sum(service_minutes) over whole as double), 0) as service_minutes_share,
        cast(marketing_cost_amount as double)
        / nullif(cast(sum(marketing_cost_amount) over whole as double), 0)
            as marketing_cost_share,
        cast(cost_amount as double)
        / nullif(cast(sum(cost_amount) over whole as double), 0) as cost_share
    from known
    window whole as (partition by month_date, customer_type)

),

balanced as (

    select
        *,
        case when value_share > 0 then cost_share / value_share end as cost_index,
        case when revenue_share > 0 then service_minutes_share / revenue_share end
            as minutes_index
    from shares

)

select * from balanced

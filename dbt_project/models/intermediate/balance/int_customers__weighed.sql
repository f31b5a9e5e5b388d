with services as (

    select * from {{ ref('int_services__costed') }}

),

months as (

    select * from {{ ref('int_customer_months__flagged') }}

),

tiers as (

    select * from {{ ref('int_tiers__current') }}

),

policies as (

    select * from {{ ref('balance_policies') }}

),

reasons as (

    select * from {{ ref('balance_reasons') }}

),

labels as (

    select * from {{ ref('labels') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

tier_labels as (

    select *
    from labels
    where list_code = 'tier'

),

-- Value is that of 365 days, so cost is too. Nobody can serve a customer who is lost.
living as (

    select
        months.customer_key,
        months.policy_customer_type as customer_type,
        tiers.tier_code,
        months.value_365_amount
    from months
    inner join parameters
        on months.evaluation_date = parameters.as_of_date
    inner join tiers
        on months.customer_key = tiers.customer_key
    where months.lifecycle_stage <> 'lost'

),

effort as (

    select
        services.customer_key,
        count(*) as service_count,
        count(services.cost_amount) as costed_service_count,
        count(case when services.service_kind = 'interaction' then 1 end) as contact_count,
        count(case when services.is_visit then 1 end) as visit_count,
        count(case when services.service_kind = 'ticket' then 1 end) as ticket_count,
        sum(services.minutes) as service_minutes,
        sum(services.cost_amount) as cost_amount
    from services
    inner join parameters
        on services.happened_on <= parameters.as_of_date
        and services.happened_on > parameters.as_of_date - 365
    group by services.customer_key

),

served as (

    select
        living.customer_key,
        living.customer_type,
        living.tier_code,
        living.value_365_amount,
        coalesce(effort.service_count, 0) as service_count,
        coalesce(effort.costed_service_count, 0) as costed_service_count,
        coalesce(effort.contact_count, 0) as contact_count,
        coalesce(effort.visit_count, 0) as visit_count,
        coalesce(effort.ticket_count, 0) as ticket_count,
        cast(coalesce(effort.service_minutes, 0) as decimal(18, 4)) as service_minutes,
        cast(coalesce(effort.cost_amount, 0) as decimal(18, 4)) as cost_amount
    from living
    left join effort
        on living.customer_key = effort.customer_key

),

tier_totals as (

    select
        customer_type,
        tier_code,
        case
            when sum(greatest(value_365_amount, 0)) > 0
                then
                    cast(sum(cost_amount) as double)
                    / nullif(cast(sum(greatest(value_365_amount, 0)) as double), 0)
        end as cost_of_value
    from served
    group by customer_type, tier_code

),

-- What serving this customer would cost if each unit of value in the tier cost the same.
with_expectations as (

    select
        served.*,
        {{ rounded(
            'tier_totals.cost_of_value * cast(greatest(served.value_365_amount, 0) as double)',
            18, 4
        ) }} as expected_cost_amount
    from served
    inner join tier_totals
        on served.customer_type = tier_totals.customer_type
        and served.tier_code = tier_totals.tier_code
    where tier_totals.cost_of_value is not null

),

-- Who had service whose cost nobody knows may have cost more: that is no neglect.
out_of_line as (

    select
        with_expectations.*,
        case
            when with_expectations.cost_amount > with_expectations.expected_cost_amount
                then 'over_served'
            else 'under_served'
        end as direction,
        cast(
            with_expectations.cost_amount - with_expectations.expected_cost_amount
            as decimal(18, 4)
        ) as difference_amount,
        policies.customers_per_tier
    from with_expectations
    cross join parameters
    inner join policies
        on parameters.as_of_date >= policies.valid_from
        and parameters.as_of_date <= policies.valid_to
    where
        (
            with_expectations.cost_amount > 0
            and with_expectations.cost_amount
            >= cast(with_expectations.expected_cost_amount as decimal(19, 4))
            * cast(policies.least_times as decimal(9, 4))
        )
        or (
            with_expectations.expected_cost_amount > 0
            and cast(with_expectations.cost_amount as decimal(19, 4))
            * cast(policies.least_times as decimal(9, 4))
            <= with_expectations.expected_cost_amount
            and with_expectations.costed_service_count = with_expectations.service_count
        )

),

ranked as (

    select
        *,
        cast(row_number() over (
            partition by customer_type, tier_code, direction
            order by abs(difference_amount) desc nulls last, customer_key asc nulls last
        ) as bigint) as rank_in_tier
    from out_of_line

),

most_out_of_line as (

    select *
    from ranked
    where rank_in_tier <= customers_per_tier

),

weighed as (

    select
        {% for language in ['en', 'zh'] -%}
            {{ filled_text('reasons.text_' ~ language, {
                'cost': 'cast(cast(round(customers.cost_amount) as bigint) as string)',
                'expected': 'cast(cast(round(customers.expected_cost_amount) as bigint) as string)',
                'value': 'cast(cast(round(customers.value_365_amount) as bigint) as string)',
                'currency': 'parameters.base_currency',
                'contacts': 'cast(customers.contact_count as string)',
                'visits': 'cast(customers.visit_count as string)',
                'tickets': 'cast(customers.ticket_count as string)',
                'tier': 'tier_labels.label_' ~ language,
            }) }} as reason_{{ language }},
        {% endfor -%}
        customers.customer_key,
        customers.customer_type,
        customers.tier_code,
        customers.direction,
        customers.rank_in_tier,
        customers.value_365_amount,
        customers.cost_amount,
        customers.expected_cost_amount,
        customers.difference_amount,
        case
            when customers.expected_cost_amount > 0
                then
                    cast(customers.cost_amount as double)
                    / cast(customers.expected_cost_amount as double)
        end as cost_ratio,
        customers.service_count,
        customers.costed_service_count,
        customers.contact_count,
        customers.visit_count,
        customers.ticket_count,
        customers.service_minutes
    from most_out_of_line as customers
    cross join parameters
    inner join reasons
        on customers.direction = reasons.direction
    left join tier_labels
        on customers.tier_code = tier_labels.code

)

select * from weighed

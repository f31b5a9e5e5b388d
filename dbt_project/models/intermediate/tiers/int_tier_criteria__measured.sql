{%- set counted_codes = counted_criterion_codes() -%}
{%- set measured_codes = measured_criterion_codes() -%}
with customers as (

    {{ touched_rows(ref('int_customers__rated')) }}

),

counted as (

    {{ touched_rows(ref('int_tier_criteria__counted')) }}

),

policies as (

    select * from {{ ref('int_tier_policies__evaluated') }}

),

criteria as (

    select * from {{ ref('tier_criteria') }}

),

measures as (

    select * from {{ ref('tier_measures') }}

),

facts as (

    select * from {{ ref('int_tier_facts__dated') }}

),

rated_customers as (

    select
        customers.*,
        policies.scenario,
        policies.policy_code,
        policies.policy_version
    from customers
    inner join policies
        on customers.policy_customer_type = policies.customer_type
        and customers.evaluation_date = policies.evaluation_date

),

first_facts as (

    select
        measure,
        measure_code,
        min(happened_on) as first_fact_on
    from facts
    group by measure, measure_code

),

-- Where a feed has come, nothing of a customer in it is 0; before, it is not known. What
-- purchases bring is not known where they do not tell it, and 0 where there was none.
zeros as (

    select
        {% for code in counted_codes -%}
            min(case
                when criteria.criterion_code = '{{ code }}' then first_facts.first_fact_on
            end) as {{ code }}_zero_from,
            max(case
                when
                    criteria.criterion_code = '{{ code }}'
                    and measures.is_zero_without_purchases
                    then criteria.window_days
            end) as {{ code }}_silent_days,
        {% endfor -%}
        criteria.policy_code,
        criteria.policy_version
    from criteria
    inner join measures
        on criteria.measure = measures.measure
        and (measures.is_zero_without_facts or measures.is_zero_without_purchases)
    inner join first_facts
        on criteria.measure = first_facts.measure
        and criteria.measure_code is not distinct from first_facts.measure_code
    group by criteria.policy_code, criteria.policy_version

),

measured as (

    select
        {% for code in counted_codes -%}
            coalesce(
                counted.{{ code }}_measure,
                cast(case
                    when
                        rated_customers.evaluation_date >= zeros.{{ code }}_zero_from
                        and coalesce(
                            rated_customers.last_purchased_on
                            <= rated_customers.evaluation_date - zeros.{{ code }}_silent_days,
                            true
                        )
                        then 0
                end as decimal(18, 4))
            ) as {{ code }}_measure,
        {% endfor -%}
        {% for code in measured_codes -%}
            {{ criterion_measure(code ~ '_criteria', 'rated_customers') }} as {{ code }}_measure,
        {% endfor -%}
        rated_customers.scenario,
        rated_customers.customer_key,
        rated_customers.evaluation_date,
        rated_customers.evaluation_number,
        rated_customers.is_provisional,
        rated_customers.is_latest,
        rated_customers.policy_customer_type,
        rated_customers.policy_code,
        rated_customers.policy_version,
        rated_customers.value_365_amount
    from rated_customers
    {% for code in measured_codes -%}
        left join criteria as {{ code }}_criteria
            on rated_customers.policy_code = {{ code }}_criteria.policy_code
            and rated_customers.policy_version = {{ code }}_criteria.policy_version
            and {{ code }}_criteria.criterion_code = '{{ code }}'
    {% endfor -%}
    left join counted
        on rated_customers.customer_key = counted.customer_key
        and rated_customers.evaluation_date = counted.evaluation_date
        and rated_customers.policy_code = counted.policy_code
        and rated_customers.policy_version = counted.policy_version
    left join zeros
        on rated_customers.policy_code = zeros.policy_code
        and rated_customers.policy_version = zeros.policy_version

)

select * from measured

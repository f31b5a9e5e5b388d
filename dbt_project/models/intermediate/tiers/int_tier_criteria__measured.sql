with customers as (

    {{ touched_rows(ref('int_customers__measured')) }}

),

policies as (

    select * from {{ ref('tier_policies') }}

),

criteria as (

    select * from {{ ref('tier_criteria') }}

),

-- Whoever has bought or signed by then; the policy is the one of that day.
rated_customers as (

    select
        customers.*,
        policies.policy_code,
        policies.policy_version
    from customers
    inner join policies
        on customers.policy_customer_type = policies.customer_type
        and customers.evaluation_date >= policies.valid_from
        and customers.evaluation_date <= policies.valid_to
    where
        customers.purchase_day_count > 0
        or customers.first_contract_on is not null

),

measured as (

    select
        rated_customers.customer_key,
        rated_customers.evaluation_date,
        rated_customers.evaluation_number,
        rated_customers.is_provisional,
        rated_customers.is_latest,
        rated_customers.policy_customer_type,
        rated_customers.policy_code,
        rated_customers.policy_version,
        {{ criterion_measure('value_criteria', 'rated_customers') }} as value_measure,
        {{ criterion_measure('frequency_criteria', 'rated_customers') }} as frequency_measure,
        {{ criterion_measure('recency_criteria', 'rated_customers') }} as recency_measure,
        {{ criterion_measure('tenure_criteria', 'rated_customers') }} as tenure_measure
    from rated_customers
    left join criteria as value_criteria
        on rated_customers.policy_code = value_criteria.policy_code
        and rated_customers.policy_version = value_criteria.policy_version
        and value_criteria.criterion_code = 'value'
    left join criteria as frequency_criteria
        on rated_customers.policy_code = frequency_criteria.policy_code
        and rated_customers.policy_version = frequency_criteria.policy_version
        and frequency_criteria.criterion_code = 'frequency'
    left join criteria as recency_criteria
        on rated_customers.policy_code = recency_criteria.policy_code
        and rated_customers.policy_version = recency_criteria.policy_version
        and recency_criteria.criterion_code = 'recency'
    left join criteria as tenure_criteria
        on rated_customers.policy_code = tenure_criteria.policy_code
        and rated_customers.policy_version = tenure_criteria.policy_version
        and tenure_criteria.criterion_code = 'tenure'

)

select * from measured

with months as (

    select * from {{ ref('int_customer_months__flagged') }}

),

decided as (

    select * from {{ ref('int_tiers__decided') }}

),

evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

customers as (

    select * from {{ ref('int_customers__golden') }}

),

contacts as (

    select * from {{ ref('int_contacts__classified') }}

),

benefits as (

    select * from {{ ref('int_benefits__in_force') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

policies as (

    {{ valid_on_run_day(ref('fairness_policies')) }}

),

outcomes as (

    select * from {{ ref('fairness_outcomes') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

numbered_evaluations as (

    select
        evaluation_date,
        row_number() over (order by evaluation_date desc nulls last) as newness
    from evaluations
    where not is_provisional

),

audited_evaluations as (

    select
        numbered_evaluations.evaluation_date,
        policies.most_bins
    from numbered_evaluations
    inner join policies
        on numbered_evaluations.newness <= policies.evaluation_count

),

windows as (

    select
        audited_evaluations.evaluation_date,
        outcomes.outcome_code,
        outcomes.window_days
    from audited_evaluations
    inner join outcomes
        on audited_evaluations.evaluation_date >= outcomes.valid_from
        and audited_evaluations.evaluation_date <= outcomes.valid_to

),

-- Whether anybody tried counts, not whether the customer was there.
contacted as (

    select distinct
        contacts.customer_key,
        windows.evaluation_date
    from contacts
    inner join windows
        on contacts.done_on <= windows.evaluation_date
        and contacts.done_on > windows.evaluation_date - windows.window_days
    where windows.outcome_code = 'contact' and contacts.is_follow_up

),

grants as (

    select
        records.customer_key,
        {{ business_day('benefits.granted_at', 'parameters.business_timezone') }} as granted_on
    from benefits
    inner join records
        on records.namespace = 'crm'
        and benefits.source_customer_id = records.record_id
    cross join parameters

),

benefited as (

    select distinct
        grants.customer_key,
        windows.evaluation_date
    from grants
    inner join windows
        on grants.granted_on <= windows.evaluation_date
        and grants.granted_on > windows.evaluation_date - windows.window_days
    where windows.outcome_code = 'benefit'

),

overrides as (

    select
        'live' as scenario,
        customer_key,
        tier_rank,
        valid_from,
        valid_to
    from tiers
    where is_override

),

all_customers as (

    select count(*) as customer_count
    from customers

),

-- Of very many customers a part tells as much, and costs no more than that part. It is
-- chosen by a hash, so that it is the same every night.
drawn as (

    select customers.customer_key
    from customers
    cross join all_customers
    cross join policies
    where
        {{ hash_share("customers.customer_key || ' fairness'") }}
        * cast(all_customers.customer_count as double)
        < cast(policies.most_customers as double)

),

-- What is in use, and beside it each candidate.
rated_months as (

    select
        'live' as scenario,
        customer_key,
        evaluation_date,
        policy_customer_type,
        tier_rank,
        value_365_amount
    from months
    where tier_rank is not null
    union all
    select
        scenario,
        customer_key,
        evaluation_date,
        policy_customer_type,
        tier_rank,
        value_365_amount
    from decided
    where scenario <> 'live'

),

-- A tier set by hand is the likeliest way round a policy that treats all alike; what a
-- candidate would give knows none.
rated as (

    select
        months.scenario,
        months.customer_key,
        months.evaluation_date,
        months.policy_customer_type,
        coalesce(overrides.tier_rank, months.tier_rank) as tier_rank,
        months.value_365_amount,
        audited_evaluations.most_bins
    from rated_months as months
    inner join audited_evaluations
        on months.evaluation_date = audited_evaluations.evaluation_date
    inner join drawn
        on months.customer_key = drawn.customer_key
    left join overrides
        on months.customer_key = overrides.customer_key
        and months.scenario = overrides.scenario
        and months.evaluation_date + 1 >= overrides.valid_from
        and months.evaluation_date + 1 <= {{ or_forever('overrides.valid_to') }}

),

-- Equal values have one rank, so that no bin splits them.
ranked as (

    select
        *,
        rank() over (
            partition by scenario, evaluation_date, policy_customer_type
            order by value_365_amount nulls first
        ) - 1 as lower_count,
        count(*) over (partition by scenario, evaluation_date, policy_customer_type)
            as customer_count,
        rank() over (
            partition by scenario, evaluation_date order by value_365_amount nulls first
        ) - 1 as lower_count_in_all,
        count(*) over (partition by scenario, evaluation_date) as customer_count_in_all
    from rated

),

-- Few customers make few bins, so that each holds enough to compare.
binned as (

    select
        *,
        least(most_bins, floor(sqrt(customer_count))) as bin_count,
        least(most_bins, floor(sqrt(customer_count_in_all))) as bin_count_in_all
    from ranked

),

audited as (

    select
        binned.scenario,
        binned.customer_key,
        binned.evaluation_date,
        binned.policy_customer_type,
        binned.tier_rank,
        contacted.customer_key is not null as has_contact,
        benefited.customer_key is not null as has_benefit,
        cast(
            floor(
                cast(binned.lower_count as double) * binned.bin_count
                / nullif(cast(binned.customer_count as double), 0)
            ) as integer
        ) as value_bin,
        cast(
            floor(
                cast(binned.lower_count_in_all as double) * binned.bin_count_in_all
                / nullif(cast(binned.customer_count_in_all as double), 0)
            ) as integer
        ) as value_bin_in_all,
        customers.customer_type,
        customers.region,
        customers.province,
        customers.city,
        customers.industry,
        customers.company_size,
        customers.acquisition_channel,
        cast({{ days_from(
            business_day('customers.first_seen_at', 'parameters.business_timezone'),
            'binned.evaluation_date'
        ) }} as bigint) as tenure_days,
        cast(
            extract(year from binned.evaluation_date) - extract(year from customers.birth_date)
            - case
                when
                    extract(month from binned.evaluation_date) * 100
                    + extract(day from binned.evaluation_date)
                    < extract(month from customers.birth_date) * 100
                    + extract(day from customers.birth_date)
                    then 1
                else 0
            end
            as bigint
        ) as age_years
    from binned
    inner join customers
        on binned.customer_key = customers.customer_key
    cross join parameters
    left join contacted
        on binned.customer_key = contacted.customer_key
        and binned.evaluation_date = contacted.evaluation_date
    left join benefited
        on binned.customer_key = benefited.customer_key
        and binned.evaluation_date = benefited.evaluation_date

)

select * from audited

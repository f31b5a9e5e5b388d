{%- set codes = counted_criterion_codes() -%}
with facts as (

    select * from {{ ref('int_tier_facts__dated') }}

),

policies as (

    select * from {{ ref('tier_policies') }}

),

criteria as (

    select * from {{ ref('tier_criteria') }}

),

measures as (

    select * from {{ ref('tier_measures') }}

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

-- To the first evaluation that is built, all that it counts is as if it came with it.
first_to_build as (

    select
        min(evaluation_number) as evaluation_number,
        max(evaluation_number) as last_number,
        max(evaluation_date) as last_date
    from evaluations

),

numbered_policies as (

    select
        policy_code,
        policy_version,
        customer_type,
        valid_from,
        valid_to,
        row_number() over (order by policy_code nulls last, policy_version nulls last)
            as policy_number
    from policies

),

numbered_customers as (

    select
        customer_key,
        customer_type,
        row_number() over (order by customer_key nulls last) as customer_number
    from typed_customers

),

-- Each fact under each policy that counts it, and until when: its window ends, or a newer
-- fact takes its place.
counted_facts as (

    select
        numbered_customers.customer_number,
        numbered_policies.policy_number,
        criteria.criterion_code,
        facts.happened_on,
        least(facts.replaced_on, facts.happened_on + criteria.window_days) as left_on,
        facts.amount,
        facts.fact_count
    from facts
    inner join criteria
        on facts.measure = criteria.measure
        and facts.measure_code is not distinct from criteria.measure_code
    inner join numbered_policies
        on criteria.policy_code = numbered_policies.policy_code
        and criteria.policy_version = numbered_policies.policy_version
    inner join numbered_customers
        on facts.customer_key = numbered_customers.customer_key
        and numbered_policies.customer_type = numbered_customers.customer_type
    cross join first_to_build
    where facts.happened_on <= first_to_build.last_date

),

-- Days before the first of all are the first evaluation's, as all is that it finds.
facts_by_evaluation as (

    select
        counted_facts.customer_number,
        counted_facts.policy_number,
        counted_facts.criterion_code,
        greatest(
            coalesce(entry_days.evaluation_number, first_to_build.evaluation_number),
            first_to_build.evaluation_number
        ) as evaluation_number,
        case
            when counted_facts.left_on <= first_to_build.last_date
                then greatest(
                    coalesce(end_days.evaluation_number, first_to_build.evaluation_number),
                    first_to_build.evaluation_number
                )
        end as left_number,
        counted_facts.amount,
        counted_facts.fact_count
    from counted_facts
    cross join first_to_build
    left join days as entry_days
        on counted_facts.happened_on = entry_days.date_day
    left join days as end_days
        on counted_facts.left_on = end_days.date_day

),

lasting_facts as (

    select
        customer_number,
        policy_number,
        criterion_code,
        evaluation_number,
        left_number,
        sum(amount) as amount,
        sum(fact_count) as fact_count
    from facts_by_evaluation
    where coalesce(left_number > evaluation_number, true)
    group by customer_number, policy_number, criterion_code, evaluation_number, left_number

),

-- What is counted enters at one evaluation and leaves at another: running sums of these
-- changes give it at each.
changes as (

    select
        customer_number,
        policy_number,
        criterion_code,
        evaluation_number,
        amount,
        fact_count
    from lasting_facts
    union all
    select
        customer_number,
        policy_number,
        criterion_code,
        left_number as evaluation_number,
        -amount as amount,
        -fact_count as fact_count
    from lasting_facts
    where left_number is not null

),

-- Grouped by one number, as in int_customers__measured.
changes_by_evaluation as (

    select
        {% for code in codes -%}
            cast(
                sum(case when criterion_code = '{{ code }}' then amount else 0 end)
                as decimal(18, 4)
            ) as {{ code }}_amount,
            cast(
                sum(case when criterion_code = '{{ code }}' then fact_count else 0 end)
                as integer
            ) as {{ code }}_count,
        {% endfor -%}
        min(customer_number) as customer_number,
        min(policy_number) as policy_number,
        min(evaluation_number) as evaluation_number
    from changes
    group by (customer_number * 1000 + policy_number) * 10000 + evaluation_number

),

running as (

    select
        {% for code in codes -%}
            cast(sum(changes.{{ code }}_amount) over so_far as decimal(18, 4))
                as {{ code }}_amount,
            cast(sum(changes.{{ code }}_count) over so_far as integer)
                as {{ code }}_count,
        {% endfor -%}
        changes.customer_number,
        changes.policy_number,
        changes.evaluation_number,
        lead(changes.evaluation_number, 1, first_to_build.last_number + 1) over (
            partition by changes.customer_number, changes.policy_number
            order by changes.evaluation_number nulls last
        ) as next_evaluation_number
    from changes_by_evaluation as changes
    cross join first_to_build
    window so_far as (
        partition by changes.customer_number, changes.policy_number
        order by changes.evaluation_number nulls last
        rows between unbounded preceding and current row
    )

),

-- What a criterion counts is a sum, or the mean of its facts.
means as (

    select
        {% for code in codes -%}
            max(criteria.criterion_code = '{{ code }}' and measures.aggregation = 'mean')
                as is_{{ code }}_mean,
        {% endfor -%}
        criteria.policy_code,
        criteria.policy_version
    from criteria
    inner join measures
        on criteria.measure = measures.measure
    group by criteria.policy_code, criteria.policy_version

),

-- What an evaluation counts stands until the next one that sees a change. Spelled out, so
-- that it is looked up and not compared with every evaluation.
standing as (

    select
        *,
        {{ each_number('evaluation_number', 'next_evaluation_number') }} as standing_number
    from running

),

counted as (

    select
        {% for code in codes -%}
            case
                when standing.{{ code }}_count = 0 then null
                when means.is_{{ code }}_mean
                    then {{ rounded(
                        'cast(standing.' ~ code ~ '_amount as double) / nullif(standing.'
                        ~ code ~ '_count, 0)', 18, 4
                    ) }}
                else standing.{{ code }}_amount
            end as {{ code }}_measure,
        {% endfor -%}
        numbered_customers.customer_key,
        evaluations.evaluation_date,
        numbered_policies.policy_code,
        numbered_policies.policy_version
    from standing
    inner join evaluations
        on standing.standing_number = evaluations.evaluation_number
    inner join numbered_policies
        on standing.policy_number = numbered_policies.policy_number
        and evaluations.evaluation_date >= numbered_policies.valid_from
        and evaluations.evaluation_date <= numbered_policies.valid_to
    inner join numbered_customers
        on standing.customer_number = numbered_customers.customer_number
    inner join means
        on numbered_policies.policy_code = means.policy_code
        and numbered_policies.policy_version = means.policy_version

)

select * from counted

with staged as (

    {{ touched_rows(ref('int_lifecycle__staged')) }}

),

evaluations as (

    {{ touched_rows(ref('int_evaluations__fingerprinted')) }}

),

tiers as (

    select * from {{ ref('int_tiers__in_force') }}

),

policies as (

    select * from {{ ref('int_tier_policies__live') }}

),

levels as (

    select * from {{ ref('tier_levels') }}

),

contacts as (

    select * from {{ ref('int_contacts__classified') }}

),

reached_contacts as (

    select
        customer_key,
        done_on,
        max(case when is_outreach then done_on end) as contacted_on,
        max(case when is_visit then done_on end) as visited_on
    from contacts
    where has_reached and (is_follow_up or is_visit)
    group by customer_key, done_on

),

contact_days as (

    select distinct done_on
    from reached_contacts

),

days_by_evaluation as (

    select
        contact_days.done_on,
        min(evaluations.evaluation_number) as evaluation_number
    from contact_days
    inner join evaluations
        on contact_days.done_on <= evaluations.evaluation_date
    group by contact_days.done_on

),

first_evaluations as (

    select
        customer_key,
        min(evaluation_number) as first_evaluation_number
    from staged
    group by customer_key

),

-- A contact may be older than the record that the CRM then opened.
contacts_by_evaluation as (

    select
        reached_contacts.customer_key,
        greatest(
            days_by_evaluation.evaluation_number, first_evaluations.first_evaluation_number
        ) as evaluation_number,
        max(reached_contacts.contacted_on) as contacted_on,
        max(reached_contacts.visited_on) as visited_on
    from reached_contacts
    inner join days_by_evaluation
        on reached_contacts.done_on = days_by_evaluation.done_on
    inner join first_evaluations
        on reached_contacts.customer_key = first_evaluations.customer_key
    group by
        reached_contacts.customer_key,
        greatest(
            days_by_evaluation.evaluation_number, first_evaluations.first_evaluation_number
        )

),

last_contacts as (

    select
        staged.customer_key,
        staged.evaluation_date,
        staged.evaluation_number,
        staged.is_provisional,
        staged.is_latest,
        staged.policy_customer_type,
        staged.lifecycle_stage,
        cast(date_trunc('month', staged.evaluation_date) as date) - 1 as tier_evaluation_date,
        max(contacts.contacted_on) over so_far as last_contacted_on,
        max(contacts.visited_on) over so_far as last_visited_on
    from staged
    left join contacts_by_evaluation as contacts
        on staged.customer_key = contacts.customer_key
        and staged.evaluation_number = contacts.evaluation_number
    window so_far as (
        partition by staged.customer_key
        order by staged.evaluation_number nulls last
        rows between unbounded preceding and current row
    )

),

-- The tier in force on the day, and the policy of the evaluation that gave it: that of the
-- newest month end before.
with_cadences as (

    select
        last_contacts.customer_key,
        last_contacts.evaluation_date,
        last_contacts.evaluation_number,
        last_contacts.is_provisional,
        last_contacts.is_latest,
        tiers.tier_code,
        tiers.tier_rank,
        tiers.valid_from - 1 as tier_given_on,
        levels.contact_cadence_days,
        levels.visit_cadence_days,
        last_contacts.last_contacted_on,
        last_contacts.last_visited_on
    from last_contacts
    inner join tiers
        on last_contacts.customer_key = tiers.customer_key
        and last_contacts.evaluation_date >= tiers.valid_from
        and last_contacts.evaluation_date <= {{ or_forever('tiers.valid_to') }}
    inner join policies
        on last_contacts.policy_customer_type = policies.customer_type
        and last_contacts.tier_evaluation_date >= policies.valid_from
        and last_contacts.tier_evaluation_date <= policies.valid_to
    inner join levels
        on policies.policy_code = levels.policy_code
        and policies.policy_version = levels.policy_version
        and tiers.tier_code = levels.tier_code
    where
        last_contacts.lifecycle_stage not in ('prospect', 'lost')
        and (levels.contact_cadence_days is not null or levels.visit_cadence_days is not null)

),

{%- if is_incremental() %}

    earlier as (

        select
            customer_key,
            min(entitled_since_on) as entitled_since_on,
            min(visit_entitled_since_on) as visit_entitled_since_on
        from {{ this }}
        where evaluation_date in ({{ standing_evaluations() }})
        group by customer_key

    ),
{%- else %}

    earlier as (

        select
            cast(null as string) as customer_key,
            cast(null as date) as entitled_since_on,
            cast(null as date) as visit_entitled_since_on
        where false

    ),
{%- endif %}

entitled as (

    select
        with_cadences.*,
        least(earlier.entitled_since_on, min(
            case
                when with_cadences.contact_cadence_days is not null
                    then with_cadences.tier_given_on
            end
        ) over so_far) as entitled_since_on,
        least(earlier.visit_entitled_since_on, min(
            case
                when with_cadences.visit_cadence_days is not null
                    then with_cadences.tier_given_on
            end
        ) over so_far) as visit_entitled_since_on
    from with_cadences
    left join earlier
        on with_cadences.customer_key = earlier.customer_key
    window so_far as (
        partition by with_cadences.customer_key
        order by with_cadences.evaluation_number nulls last
        rows between unbounded preceding and current row
    )

),

-- Who was never contacted is due so long after they first were entitled to it.
with_due_days as (

    select
        *,
        coalesce(last_contacted_on, entitled_since_on) + contact_cadence_days as due_on,
        coalesce(last_visited_on, visit_entitled_since_on) + visit_cadence_days as visit_due_on
    from entitled

),

evaluated as (

    select
        customer_key,
        evaluation_date,
        evaluation_number,
        is_provisional,
        is_latest,
        tier_code,
        tier_rank,
        contact_cadence_days as cadence_days,
        due_on >= evaluation_date as is_kept,
        case
            when due_on < evaluation_date then {{ days_from('due_on', 'evaluation_date') }}
            when due_on is not null then 0
        end as overdue_days,
        visit_cadence_days,
        visit_due_on >= evaluation_date as is_visit_kept,
        case
            when
                visit_due_on < evaluation_date
                then {{ days_from('visit_due_on', 'evaluation_date') }}
            when visit_due_on is not null then 0
        end as visit_overdue_days,
        last_contacted_on,
        due_on,
        last_visited_on,
        visit_due_on,
        entitled_since_on,
        visit_entitled_since_on
    from with_due_days

)

select * from evaluated

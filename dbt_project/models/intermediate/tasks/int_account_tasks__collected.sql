with kinds as (

    {{ valid_on_run_day(ref('task_kinds')) }}

),

warnings as (

    select * from {{ ref('int_warnings__ranked') }}

),

feedback as (

    select * from {{ ref('int_feedback__followed') }}

),

follow_ups as (

    select * from {{ ref('int_follow_ups__planned') }}

),

occasions as (

    select * from {{ ref('int_care_occasions__greeted') }}

),

customers as (

    select * from {{ ref('int_customers__watched') }}

),

-- Whose it is, the day decides: an owner who has left hands over to the manager.
tasks as (

    select
        'warning' as task_kind,
        warning_id as task_number,
        warning_id as subject_id,
        customer_key,
        current_owner_staff_id as owner_staff_id,
        action_code,
        reasons_en,
        reasons_zh,
        expected_loss_amount,
        opened_on as raised_on,
        cast(null as bigint) as cadence_days,
        is_overdue,
        due_on
    from warnings
    where is_within_capacity
    union all
    select
        'escalation' as task_kind,
        warning_id as task_number,
        warning_id as subject_id,
        customer_key,
        escalated_to_staff_id as owner_staff_id,
        cast(null as string) as action_code,
        reasons_en,
        reasons_zh,
        expected_loss_amount,
        opened_on as raised_on,
        cast(null as bigint) as cadence_days,
        is_overdue,
        due_on
    from warnings
    where escalated_to_staff_id is not null
    union all
    select
        case
            when feedback.kind = 'complaint' or feedback.severity = 'negative' then 'complaint'
            else 'feedback'
        end as task_kind,
        feedback.feedback_id as task_number,
        feedback.subject_id,
        feedback.customer_key,
        customers.owner_staff_id,
        cast(null as string) as action_code,
        cast(null as string) as reasons_en,
        cast(null as string) as reasons_zh,
        cast(null as decimal(18, 4)) as expected_loss_amount,
        feedback.raised_on,
        cast(null as bigint) as cadence_days,
        feedback.is_overdue,
        feedback.due_on
    from feedback
    inner join customers
        on feedback.customer_key = customers.customer_key
    where
        feedback.told_customer_at is null
        and feedback.due_on is not null
        and coalesce(customers.lifecycle_stage <> 'lost', true)
    union all
    select
        'visit' as task_kind,
        follow_ups.customer_key as task_number,
        follow_ups.customer_key as subject_id,
        follow_ups.customer_key,
        customers.owner_staff_id,
        cast(null as string) as action_code,
        cast(null as string) as reasons_en,
        cast(null as string) as reasons_zh,
        cast(null as decimal(18, 4)) as expected_loss_amount,
        cast(null as date) as raised_on,
        cast(follow_ups.visit_cadence_days as bigint) as cadence_days,
        follow_ups.is_visit_overdue as is_overdue,
        follow_ups.next_visit_due_on as due_on
    from follow_ups
    inner join customers
        on follow_ups.customer_key = customers.customer_key
    where follow_ups.next_visit_due_on is not null
    union all
    select
        'follow_up' as task_kind,
        follow_ups.customer_key as task_number,
        follow_ups.customer_key as subject_id,
        follow_ups.customer_key,
        customers.owner_staff_id,
        cast(null as string) as action_code,
        cast(null as string) as reasons_en,
        cast(null as string) as reasons_zh,
        cast(null as decimal(18, 4)) as expected_loss_amount,
        cast(null as date) as raised_on,
        cast(follow_ups.cadence_days as bigint) as cadence_days,
        follow_ups.is_overdue,
        follow_ups.next_due_on as due_on
    from follow_ups
    inner join customers
        on follow_ups.customer_key = customers.customer_key
    where follow_ups.next_due_on is not null
    union all
    select
        'care' as task_kind,
        care_id as task_number,
        customer_key as subject_id,
        customer_key,
        owner_staff_id,
        action_code,
        text_en as reasons_en,
        text_zh as reasons_zh,
        cast(null as decimal(18, 4)) as expected_loss_amount,
        cast(null as date) as raised_on,
        cast(null as bigint) as cadence_days,
        is_missed as is_overdue,
        occasion_on as due_on
    from occasions
    where is_due

),

due as (

    select
        tasks.task_kind,
        tasks.task_number,
        tasks.subject_id,
        tasks.customer_key,
        tasks.owner_staff_id,
        tasks.expected_loss_amount,
        tasks.raised_on,
        tasks.due_on,
        coalesce(tasks.action_code, kinds.action_code) as action_code,
        {{ filled_text('kinds.reason_en', {
            'subject': 'tasks.subject_id', 'raised': 'cast(tasks.raised_on as string)',
            'due': 'cast(tasks.due_on as string)', 'cadence': 'cast(tasks.cadence_days as string)',
            'reasons': 'tasks.reasons_en'
        }) }} as reason_en,
        {{ filled_text('kinds.reason_zh', {
            'subject': 'tasks.subject_id', 'raised': 'cast(tasks.raised_on as string)',
            'due': 'cast(tasks.due_on as string)', 'cadence': 'cast(tasks.cadence_days as string)',
            'reasons': 'tasks.reasons_zh'
        }) }} as reason_zh,
        kinds.sort_order,
        customers.tier_code,
        customers.tier_rank,
        customers.lifecycle_stage,
        customers.owner_staff_id as account_manager_staff_id,
        coalesce(tasks.is_overdue, false) as is_overdue
    from tasks
    inner join kinds
        on tasks.task_kind = kinds.task_kind
        and kinds.is_active
    inner join customers
        on tasks.customer_key = customers.customer_key
        and (
            kinds.look_ahead_days is null
            or tasks.due_on <= customers.as_of_date + kinds.look_ahead_days
        )
        and (
            kinds.most_overdue_days is null
            or tasks.due_on >= customers.as_of_date - kinds.most_overdue_days
        )

),

-- One call settles all that there is with a customer: what they are due stands together.
by_customer as (

    select
        *,
        min(sort_order) over customers_of_owner as first_sort_order,
        max(expected_loss_amount) over customers_of_owner as greatest_loss_amount,
        min(due_on) over customers_of_owner as first_due_on,
        cast(count(*) over customers_of_owner as bigint) as customer_task_count
    from due
    window customers_of_owner as (partition by owner_staff_id, customer_key)

),

collected as (

    select
        task_kind || ' ' || task_number as task_id,
        task_kind,
        subject_id,
        customer_key,
        owner_staff_id,
        account_manager_staff_id,
        cast(row_number() over (
            partition by owner_staff_id
            order by
                first_sort_order asc nulls last,
                greatest_loss_amount desc nulls last,
                tier_rank desc nulls last,
                first_due_on asc nulls last,
                customer_key asc nulls last,
                sort_order asc nulls last,
                due_on asc nulls last,
                task_kind asc nulls last,
                task_number asc nulls last
        ) as bigint) as rank_of_owner,
        customer_task_count,
        tier_code,
        lifecycle_stage,
        action_code,
        reason_en,
        reason_zh,
        is_overdue,
        expected_loss_amount,
        raised_on,
        due_on
    from by_customer

)

select * from collected

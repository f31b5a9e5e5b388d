with tasks as (

    select * from {{ ref('int_account_tasks__collected') }}

),

customers as (

    select * from {{ ref('customers') }}

),

labels as (

    select * from {{ ref('labels') }}

),

account_tasks as (

    select
        tasks.task_id,
        tasks.task_kind,
        tasks.subject_id,
        tasks.owner_staff_id,
        tasks.account_manager_staff_id,
        tasks.rank_of_owner,
        tasks.customer_key,
        tasks.customer_task_count,
        customers.crm_customer_id,
        customers.customer_name_masked,
        customers.region,
        tasks.tier_code,
        tasks.lifecycle_stage,
        tasks.action_code,
        labels.label_en as action_en,
        labels.label_zh as action_zh,
        tasks.reason_en,
        tasks.reason_zh,
        tasks.is_overdue,
        tasks.expected_loss_amount,
        tasks.raised_on,
        tasks.due_on
    from tasks
    inner join customers
        on tasks.customer_key = customers.customer_key
    left join labels
        on labels.list_code = 'action'
        and tasks.action_code = labels.code

)

select * from account_tasks

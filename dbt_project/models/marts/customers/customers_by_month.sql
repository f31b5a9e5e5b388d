with months as (

    select * from {{ ref('int_customer_months__flagged') }}

),

golden as (

    select * from {{ ref('int_customers__golden') }}

),

customers_by_month as (

    select
        months.customer_key,
        months.month_date as month,
        months.tier_code,
        months.tier_rank,
        months.lifecycle_stage,
        months.loss_kind,
        golden.owner_staff_id,
        golden.region,
        golden.customer_type,
        months.is_provisional,
        months.is_active,
        months.is_new_customer,
        months.is_lost_in_month,
        months.is_won_back_in_month,
        months.is_high_value,
        months.has_running_contract,
        months.purchase_day_count,
        cast(months.net_revenue_amount as decimal(18, 4)) as net_revenue_amount,
        months.value_365_amount,
        months.evaluation_date
    from months
    inner join golden
        on months.customer_key = golden.customer_key

)

select * from customers_by_month

with golden as (

    select * from {{ ref('int_customers__golden') }}

),

{%- if is_incremental() %}

-- Region, owner and type are of the run's day, in all of a customer's months.
    restated_customers as (

        select distinct built.customer_key
        from {{ this }} as built
        inner join golden
            on built.customer_key = golden.customer_key
        where
            built.owner_staff_id is distinct from golden.owner_staff_id
            or built.region is distinct from golden.region
            or built.customer_type is distinct from golden.customer_type

    ),

    months as (

        {{ touched_rows(ref('int_customer_months__flagged')) }}
        union all
        select months.*
        from {{ ref('int_customer_months__flagged') }} as months
        inner join restated_customers
            on months.customer_key = restated_customers.customer_key
        where months.evaluation_date in ({{ standing_evaluations() }})

    ),
{%- else %}

    months as (

        select * from {{ ref('int_customer_months__flagged') }}

    ),
{%- endif %}

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

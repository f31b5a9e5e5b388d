with losses as (

    select * from {{ ref('int_losses__explained') }}

),

inferred as (

    select * from {{ ref('int_losses__inferred') }}

),

golden as (

    select * from {{ ref('int_customers__golden') }}

),

lost_customers as (

    select
        losses.customer_key,
        losses.lost_on,
        golden.crm_customer_id,
        golden.customer_name_masked,
        golden.owner_staff_id,
        golden.region,
        losses.policy_customer_type,
        losses.loss_kind,
        losses.stated_reason_code,
        losses.stated_reason_source,
        inferred.inferred_reason_code,
        losses.competitor,
        losses.tier_code,
        losses.win_back_priority,
        losses.next_step_en,
        losses.next_step_zh,
        losses.is_won_back,
        losses.has_open_complaint,
        losses.loss_number,
        losses.complaint_count,
        losses.negative_answer_count,
        losses.purchase_day_count,
        losses.tenure_days,
        losses.lost_day_count as lost_days,
        losses.net_revenue_amount,
        losses.value_lost_amount,
        losses.first_purchased_on,
        losses.last_purchased_on,
        losses.contract_ended_on,
        inferred.inferred_from_on,
        inferred.inferred_log_odds,
        losses.last_contacted_on,
        losses.returned_on
    from losses
    inner join golden
        on losses.customer_key = golden.customer_key
    left join inferred
        on losses.customer_key = inferred.customer_key
        and losses.lost_on = inferred.lost_on

)

select * from lost_customers

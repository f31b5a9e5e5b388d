with occasions as (

    select * from {{ ref('int_care_occasions__greeted') }}

),

customers as (

    select * from {{ ref('customers') }}

),

labels as (

    select * from {{ ref('labels') }}

),

care_calendar as (

    select
        occasions.care_id,
        occasions.customer_key,
        customers.crm_customer_id,
        customers.customer_name_masked,
        occasions.owner_staff_id,
        occasions.tier_code,
        occasions.lifecycle_stage,
        occasions.occasion_code,
        occasion_labels.label_en as occasion_en,
        occasion_labels.label_zh as occasion_zh,
        occasions.action_code,
        action_labels.label_en as action_en,
        action_labels.label_zh as action_zh,
        occasions.is_greeted,
        occasions.is_missed,
        occasions.years,
        occasions.days_ahead,
        occasions.occasion_on,
        occasions.greeted_on
    from occasions
    inner join customers
        on occasions.customer_key = customers.customer_key
    left join labels as occasion_labels
        on occasion_labels.list_code = 'care_occasion'
        and occasions.occasion_code = occasion_labels.code
    left join labels as action_labels
        on action_labels.list_code = 'action'
        and occasions.action_code = action_labels.code

)

select * from care_calendar

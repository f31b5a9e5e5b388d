-- A code that the labels accept but its list of meanings lacks would drop rows in a join.
with labels as (

    select * from {{ ref('labels') }}

),

order_statuses as (

    select * from {{ ref('order_statuses') }}

),

survey_types as (

    select * from {{ ref('survey_types') }}

),

customer_types as (

    select * from {{ ref('customer_types') }}

),

meanings as (

    select
        'order_status' as list_code,
        status as code
    from order_statuses
    union all
    select
        'survey_type' as list_code,
        survey_type as code
    from survey_types
    union all
    select
        'customer_type' as list_code,
        customer_type as code
    from customer_types

)

select
    labels.list_code,
    labels.code
from labels
left join meanings
    on labels.list_code = meanings.list_code
    and labels.code = meanings.code
where
    labels.list_code in ('order_status', 'survey_type', 'customer_type')
    and meanings.code is null

with occasions as (

    select * from {{ ref('int_care_occasions__dated') }}

),

contacts as (

    select * from {{ ref('int_contacts__classified') }}

),

-- An occasion leaves the calendar on the last day on which a greeting counts, so none
-- that is there can have been greeted later.
greetings as (

    select
        occasions.care_id,
        min(contacts.done_on) as greeted_on
    from occasions
    inner join contacts
        on occasions.customer_key = contacts.customer_key
        and contacts.is_greeting
        and occasions.greeted_from <= contacts.done_on
        and occasions.as_of_date >= contacts.done_on
    group by occasions.care_id

),

greeted as (

    select
        occasions.care_id,
        occasions.customer_key,
        occasions.occasion_code,
        occasions.owner_staff_id,
        occasions.tier_code,
        occasions.lifecycle_stage,
        occasions.action_code,
        occasions.text_en,
        occasions.text_zh,
        greetings.greeted_on is not null as is_greeted,
        case when occasions.occasion_on < occasions.as_of_date then greetings.greeted_on is null end
            as is_missed,
        greetings.greeted_on is null
        and occasions.greeted_from <= occasions.as_of_date as is_due,
        occasions.years,
        cast({{ days_from('occasions.as_of_date', 'occasions.occasion_on') }} as bigint)
            as days_ahead,
        greetings.greeted_on,
        occasions.occasion_on
    from occasions
    left join greetings
        on occasions.care_id = greetings.care_id

)

select * from greeted

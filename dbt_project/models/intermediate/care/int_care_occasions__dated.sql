with occasions as (

    {{ valid_on_run_day(ref('care_occasions')) }}

),

festival_dates as (

    select * from {{ ref('festival_dates') }}

),

watched as (

    select * from {{ ref('int_customers__watched') }}

),

eligible as (

    select * from {{ ref('int_customers__eligible') }}

),

permissions as (

    select * from {{ ref('int_marketing_permissions__told') }}

),

golden as (

    select * from {{ ref('int_customers__golden') }}

),

contracts as (

    select * from {{ ref('int_contracts__resolved') }}

),

-- Who is lost is won back, not greeted; whom the CRM does not know nobody can greet.
customers as (

    select
        watched.customer_key,
        watched.as_of_date,
        watched.policy_customer_type,
        watched.tier_code,
        watched.tier_rank,
        watched.lifecycle_stage,
        watched.owner_staff_id,
        watched.first_purchased_on,
        eligible.first_contract_on,
        golden.birth_date,
        golden.founded_on,
        permissions.marketing_permission
    from watched
    inner join eligible
        on watched.customer_key = eligible.customer_key
        and watched.as_of_date = eligible.evaluation_date
    inner join golden
        on watched.customer_key = golden.customer_key
    inner join permissions
        on watched.customer_key = permissions.customer_key
    where not golden.is_inferred and coalesce(watched.lifecycle_stage <> 'lost', true)

),

-- A number of years told of a birthday would be an age.
first_days as (

    select
        customer_key,
        'birthday' as day_kind,
        false as tells_years,
        birth_date as first_on
    from customers
    union all
    select
        customer_key,
        'founding' as day_kind,
        true as tells_years,
        founded_on as first_on
    from customers
    union all
    select
        customer_key,
        'first_purchase' as day_kind,
        true as tells_years,
        first_purchased_on as first_on
    from customers
    union all
    select
        customer_key,
        'contract' as day_kind,
        true as tells_years,
        first_contract_on as first_on
    from customers

),

-- The window may begin in the year before, and end in the year after.
nearby_years as (

    select -1 as step
    union all
    select 0 as step
    union all
    select 1 as step

),

numbered as (

    select
        first_days.*,
        cast(
            extract(year from customers.as_of_date) - extract(year from first_days.first_on)
            + nearby_years.step as integer
        ) as year_number
    from first_days
    inner join customers
        on first_days.customer_key = customers.customer_key
    cross join nearby_years
    where first_days.first_on is not null

),

-- The day itself is no anniversary.
anniversaries as (

    select
        customer_key,
        day_kind,
        case when tells_years then year_number end as years,
        {{ add_months('first_on', '12 * year_number') }} as occasion_on
    from numbered
    where year_number >= 1

),

-- The first contract is remembered where one still runs on that day.
days_under_contract as (

    select distinct
        anniversaries.customer_key,
        anniversaries.occasion_on
    from anniversaries
    inner join contracts
        on anniversaries.customer_key = contracts.customer_key
        and anniversaries.occasion_on >= contracts.starts_on
        and anniversaries.occasion_on <= contracts.last_on
    where anniversaries.day_kind = 'contract'

),

occasion_days as (

    select
        occasions.occasion_code,
        occasions.customer_type,
        anniversaries.customer_key,
        anniversaries.years,
        anniversaries.occasion_on
    from occasions
    inner join anniversaries
        on occasions.day_kind = anniversaries.day_kind
    left join days_under_contract
        on anniversaries.customer_key = days_under_contract.customer_key
        and anniversaries.occasion_on = days_under_contract.occasion_on
    where anniversaries.day_kind <> 'contract' or days_under_contract.customer_key is not null
    union all
    select
        occasions.occasion_code,
        occasions.customer_type,
        customers.customer_key,
        cast(null as integer) as years,
        festival_dates.falls_on as occasion_on
    from occasions
    inner join festival_dates
        on occasions.occasion_code = festival_dates.occasion_code
    inner join customers
        on occasions.customer_type = customers.policy_customer_type
    where occasions.day_kind = 'festival'

),

dated as (

    select
        occasion_days.occasion_code || ' ' || occasion_days.customer_key || ' '
        || cast(occasion_days.occasion_on as string) as care_id,
        occasion_days.customer_key,
        occasion_days.occasion_code,
        customers.owner_staff_id,
        customers.tier_code,
        customers.lifecycle_stage,
        occasions.action_code,
        {{ filled_text('occasions.text_en', {
            'due': 'cast(occasion_days.occasion_on as string)',
            'years': 'cast(occasion_days.years as string)'
        }) }} as text_en,
        {{ filled_text('occasions.text_zh', {
            'due': 'cast(occasion_days.occasion_on as string)',
            'years': 'cast(occasion_days.years as string)'
        }) }} as text_zh,
        occasion_days.years,
        customers.as_of_date,
        occasion_days.occasion_on,
        occasion_days.occasion_on - occasions.early_days as greeted_from
    from occasion_days
    inner join customers
        on occasion_days.customer_key = customers.customer_key
        and occasion_days.customer_type = customers.policy_customer_type
    inner join occasions
        on occasion_days.occasion_code = occasions.occasion_code
        and occasion_days.customer_type = occasions.customer_type
    where
        customers.tier_rank >= occasions.least_tier_rank
        -- Nobody is greeted against their word; who said nothing, where none is asked.
        and customers.marketing_permission <> 'refused'
        and (customers.marketing_permission = 'given' or not occasions.needs_consent)
        and occasion_days.occasion_on <= customers.as_of_date + occasions.ahead_days
        and occasion_days.occasion_on >= customers.as_of_date - occasions.after_days

)

select * from dated

with facts as (

    select * from {{ ref('customer_facts') }}

),

feeds as (

    select * from {{ ref('feeds') }}

),

labels as (

    select * from {{ ref('labels') }}

),

counted as (

    select * from {{ ref('int_customer_facts__counted') }}

),

golden as (

    select * from {{ ref('int_customers__golden') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

customers as (

    select count(*) as customer_count
    from golden

),

customer_coverage as (

    select
        feeds.owner_department as department,
        departments.label_en as department_en,
        departments.label_zh as department_zh,
        facts.source,
        facts.feed,
        facts.fact_code,
        fact_labels.label_en as fact_en,
        fact_labels.label_zh as fact_zh,
        counted.customer_count,
        cast(counted.customer_count as double) / nullif(customers.customer_count, 0)
            as customer_share,
        customers.customer_count as n,
        counted.conflicting_customer_count,
        {{ business_day('counted.last_told_at', 'parameters.business_timezone') }}
            as last_told_on,
        case when counted.source is null then 'no data' end as missing_reason
    from facts
    inner join feeds
        on facts.source = feeds.source
        and facts.feed = feeds.feed
    inner join labels as departments
        on departments.list_code = 'department'
        and feeds.owner_department = departments.code
    inner join labels as fact_labels
        on fact_labels.list_code = 'customer_fact'
        and facts.fact_code = fact_labels.code
    left join counted
        on facts.source = counted.source
        and facts.fact_code = counted.fact_code
    cross join customers
    cross join parameters

)

select * from customer_coverage

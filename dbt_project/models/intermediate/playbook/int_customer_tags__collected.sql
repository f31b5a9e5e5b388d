with tiers as (

    select * from {{ ref('int_tiers__current') }}

),

stages as (

    select * from {{ ref('int_lifecycle__current') }}

),

lifecycle_policies as (

    select * from {{ ref('lifecycle_policies') }}

),

playbook as (

    select * from {{ ref('int_playbook__applied') }}

),

warnings as (

    select * from {{ ref('int_warnings__leading') }}

),

opportunity_lists as (

    select * from {{ ref('int_opportunity_lists__filled') }}

),

preferences as (

    select * from {{ ref('int_customer_preferences__counted') }}

),

permissions as (

    select * from {{ ref('int_marketing_permissions__told') }}

),

addresses as (

    select * from {{ ref('int_customer_addresses__known') }}

),

groups_of_tags as (

    select * from {{ ref('tag_groups') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

high_value_customers as (

    select tiers.customer_key
    from tiers
    inner join stages
        on tiers.customer_key = stages.customer_key
    cross join parameters
    inner join lifecycle_policies
        on stages.policy_customer_type = lifecycle_policies.customer_type
        and parameters.as_of_date >= lifecycle_policies.valid_from
        and parameters.as_of_date <= lifecycle_policies.valid_to
        and tiers.tier_rank >= lifecycle_policies.high_value_tier_rank

),

tags as (

    select
        customer_key,
        'tier' as tag_group,
        tier_code as tag_value,
        tier_since_date as since_date
    from tiers
    union all
    select
        customer_key,
        'lifecycle_stage' as tag_group,
        lifecycle_stage as tag_value,
        stage_since_date as since_date
    from stages
    union all
    select
        customer_key,
        'value_class' as tag_group,
        'high' as tag_value,
        cast(null as date) as since_date
    from high_value_customers
    union all
    select
        warnings.customer_key,
        'warning_level' as tag_group,
        warnings.level as tag_value,
        warnings.opened_on as since_date
    from warnings
    inner join playbook
        on warnings.customer_key = playbook.customer_key
        and warnings.warning_id = playbook.warning_id
    union all
    select
        customer_key,
        'opportunity_list' as tag_group,
        list_code as tag_value,
        cast(null as date) as since_date
    from opportunity_lists
    union all
    select
        customer_key,
        tag_group,
        choice as tag_value,
        cast(null as date) as since_date
    from preferences
    union all
    select
        addresses.customer_key,
        'reachable_by' as tag_group,
        addresses.channel as tag_value,
        cast(null as date) as since_date
    from addresses
    inner join permissions
        on addresses.customer_key = permissions.customer_key
    where permissions.marketing_permission = 'given' and addresses.channel <> 'phone'

),

collected as (

    select
        tags.customer_key,
        tags.tag_group || ':' || tags.tag_value as tag_code,
        tags.tag_group,
        tags.tag_value,
        groups_of_tags.label_list,
        groups_of_tags.label_en as group_en,
        groups_of_tags.label_zh as group_zh,
        groups_of_tags.sort_order,
        tags.since_date
    from tags
    cross join parameters
    inner join groups_of_tags
        on tags.tag_group = groups_of_tags.tag_group
        and parameters.as_of_date >= groups_of_tags.valid_from
        and parameters.as_of_date <= groups_of_tags.valid_to
    where groups_of_tags.is_active

)

select * from collected

with measured as (

    {{ touched_rows(ref('int_customers__measured')) }}

),

relationships as (

    select * from {{ ref('int_relationships__dated') }}

),

criteria as (

    {{ touched_rows(ref('int_base_criteria__evaluated')) }}

),

lifecycle_policies as (

    select * from {{ ref('lifecycle_policies') }}

),

-- The relationship that the evaluation sees is the newest that had begun by then.
standing as (

    select
        measured.customer_key,
        measured.evaluation_date,
        measured.evaluation_number,
        measured.is_provisional,
        measured.is_latest,
        measured.policy_customer_type,
        relationships.loss_kind,
        relationships.is_return,
        relationships.kept_until_on < measured.evaluation_date as is_over,
        relationships.kept_until_on + 1 as lost_on,
        relationships.began_on,
        {{ days_from('relationships.began_on', 'measured.evaluation_date') }}
        < lifecycle_policies.won_back_days as began_lately,
        {{ days_from('measured.customer_since', 'measured.evaluation_date') }}
        < lifecycle_policies.new_days as is_new,
        not measured.has_running_contract
        and {{ days_from('measured.last_purchased_on', 'measured.evaluation_date') }}
        > lifecycle_policies.dormant_days as is_dormant,
        measured.has_running_contract,
        measured.value_365_amount,
        criteria.is_falling,
        criteria.is_base
    from measured
    inner join lifecycle_policies
        on measured.policy_customer_type = lifecycle_policies.customer_type
        and measured.evaluation_date >= lifecycle_policies.valid_from
        and measured.evaluation_date <= lifecycle_policies.valid_to
    left join relationships
        on measured.customer_key = relationships.customer_key
        and measured.evaluation_date >= relationships.began_on
        and measured.evaluation_date < {{ or_forever('relationships.returned_on') }}
    left join criteria
        on measured.customer_key = criteria.customer_key
        and measured.evaluation_date = criteria.evaluation_date

),

with_stages as (

    select
        *,
        case
            when began_on is null or (is_over and loss_kind is null) then 'prospect'
            when is_over then 'lost'
            when is_dormant then 'dormant'
            when is_return and began_lately then 'won_back'
            when is_new then 'new'
            when is_falling then 'declining'
            when is_base then 'base'
            else 'growing'
        end as lifecycle_stage
    from standing

),

staged as (

    select
        customer_key,
        evaluation_date,
        evaluation_number,
        is_provisional,
        is_latest,
        policy_customer_type,
        lifecycle_stage,
        case when lifecycle_stage = 'lost' then loss_kind end as loss_kind,
        case when lifecycle_stage = 'lost' then lost_on end as lost_on,
        case when lifecycle_stage not in ('prospect', 'lost') and is_return then began_on end
            as returned_on,
        has_running_contract,
        value_365_amount
    from with_stages

)

select * from staged

with fitted as (

    select * from {{ ref('int_models__in_force') }}

),

shipped as (

    select * from {{ ref('churn_models') }}

),

evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

bases as (

    select * from {{ ref('int_churn_bases__counted') }}

),

versions as (

    select distinct
        model_version,
        serves_from,
        true as is_fitted
    from fitted
    union all
    select distinct
        model_version,
        serves_from,
        false as is_fitted
    from shipped

),

-- What a model asks of a base that it was not fitted to.
demands as (

    select
        model_version,
        max(case when parameter = 'least_customers' then coefficient end) as least_customers,
        max(case when parameter = 'least_history_days' then coefficient end)
            as least_history_days
    from shipped
    where component = 'base'
    group by model_version

),

-- A model serves from the day after the last that it saw, so none knows what it foretells.
newest_versions as (

    select
        evaluations.evaluation_date,
        versions.model_version,
        versions.is_fitted
    from evaluations
    inner join versions
        on evaluations.evaluation_date >= versions.serves_from
    qualify
        row_number() over (
            partition by evaluations.evaluation_date
            order by
                versions.serves_from desc nulls last,
                versions.is_fitted desc nulls last,
                versions.model_version desc nulls last
        ) = 1

),

-- A fit refuses such a base itself; what was learned from another company cannot be held
-- against it.
chosen as (

    select
        newest_versions.evaluation_date,
        newest_versions.model_version,
        newest_versions.is_fitted,
        case
            when newest_versions.is_fitted then null
            when coalesce(bases.buyer_count, 0) < demands.least_customers then 'few_customers'
            when bases.history_days < demands.least_history_days then 'short_history'
            when bases.silent_count = 0 then 'nobody_left'
        end as refused_reason
    from newest_versions
    left join demands
        on newest_versions.model_version = demands.model_version
    left join bases
        on newest_versions.evaluation_date = bases.evaluation_date

)

select * from chosen

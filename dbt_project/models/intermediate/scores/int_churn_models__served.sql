with fitted as (

    select * from {{ ref('int_models__in_force') }}

),

shipped as (

    select * from {{ ref('churn_models') }}

),

evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

parameters as (

    select
        model_version,
        component,
        parameter,
        coefficient,
        reference_value,
        fitted_through,
        serves_from
    from fitted
    union all
    -- Learned from another company: there is no day of this one that it knew.
    select
        model_version,
        component,
        parameter,
        coefficient,
        reference_value,
        cast(null as date) as fitted_through,
        serves_from
    from shipped

),

versions as (

    select distinct
        model_version,
        serves_from
    from parameters

),

-- A model serves from the day after the last that it saw, so none knows what it foretells.
newest_versions as (

    select
        evaluations.evaluation_date,
        versions.model_version
    from evaluations
    inner join versions
        on evaluations.evaluation_date >= versions.serves_from
    qualify
        row_number() over (
            partition by evaluations.evaluation_date
            order by versions.serves_from desc nulls last, versions.model_version desc nulls last
        ) = 1

),

served as (

    select
        newest_versions.evaluation_date,
        newest_versions.model_version,
        parameters.fitted_through,
        parameters.component,
        parameters.parameter,
        cast(parameters.coefficient as double) as coefficient,
        cast(parameters.reference_value as double) as reference_value
    from newest_versions
    inner join parameters
        on newest_versions.model_version = parameters.model_version

)

select * from served

with fitted as (

    select * from {{ ref('int_models__in_force') }}

),

shipped as (

    select * from {{ ref('churn_models') }}

),

chosen as (

    select * from {{ ref('int_churn_models__chosen') }}

),

parameters as (

    select
        model_version,
        true as is_fitted,
        component,
        parameter,
        coefficient,
        reference_value,
        fitted_through
    from fitted
    union all
    -- Learned from another company: there is no day of this one that it knew.
    select
        model_version,
        false as is_fitted,
        component,
        parameter,
        coefficient,
        reference_value,
        cast(null as date) as fitted_through
    from shipped

),

served as (

    select
        chosen.evaluation_date,
        chosen.model_version,
        parameters.fitted_through,
        parameters.component,
        parameters.parameter,
        cast(parameters.coefficient as double) as coefficient,
        cast(parameters.reference_value as double) as reference_value
    from chosen
    inner join parameters
        on chosen.model_version = parameters.model_version
        and chosen.is_fitted = parameters.is_fitted
    where chosen.refused_reason is null

)

select * from served

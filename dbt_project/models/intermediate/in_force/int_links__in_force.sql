with weights as (

    select * from {{ ref('int_link_weights__in_force') }}

),

links as (

    {{ as_of('tierkeeper_links', ref('stg_tierkeeper__links')) | indent(4) }}

),

-- A model may hold no pair to be probable: then the links of the one before end with it.
newest_models as (

    select model_version
    from weights
    qualify
        row_number() over (
            order by
                serves_from desc nulls last,
                model_version desc nulls last,
                record_key asc nulls last
        ) = 1

),

in_force as (

    select
        links.record_key,
        links.model_version,
        links.namespace,
        links.record_id,
        links.other_namespace,
        links.other_record_id,
        links.match_probability,
        links.match_weight,
        links.evidence,
        links.fitted_on,
        links.serves_from
    from links
    inner join newest_models
        on links.model_version = newest_models.model_version

)

select * from in_force

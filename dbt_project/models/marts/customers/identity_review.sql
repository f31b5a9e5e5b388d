with doubtful as (

    select * from {{ ref('int_pairs__doubtful') }}

),

connected as (

    select * from {{ ref('int_records__connected') }}

),

records as (

    select * from {{ ref('int_records__resolved') }}

),

customers as (

    select * from {{ ref('customers') }}

),

sides as (

    select
        connected.own_key,
        connected.namespace,
        connected.record_id,
        records.customer_key,
        customers.customer_name_masked,
        coalesce(customers.net_revenue_amount, 0) as net_revenue_amount
    from connected
    left join records
        on connected.own_key = records.own_key
    left join customers
        on records.customer_key = customers.customer_key

),

pairs as (

    select
        {{ surrogate_key(['doubtful.own_key', 'doubtful.other_own_key']) }} as review_key,
        sides.namespace,
        sides.record_id,
        sides.customer_key,
        sides.customer_name_masked,
        other_sides.namespace as other_namespace,
        other_sides.record_id as other_record_id,
        other_sides.customer_key as other_customer_key,
        other_sides.customer_name_masked as other_customer_name_masked,
        doubtful.evidence_en,
        doubtful.evidence_zh,
        doubtful.match_evidence,
        doubtful.match_probability,
        doubtful.match_weight,
        cast(doubtful.score as integer) as score,
        cast(
            least(sides.net_revenue_amount, other_sides.net_revenue_amount) as decimal(18, 4)
        ) as value_at_stake_amount
    from doubtful
    inner join sides
        on doubtful.own_key = sides.own_key
    inner join sides as other_sides
        on doubtful.other_own_key = other_sides.own_key

),

identity_review as (

    select
        review_key,
        cast(row_number() over (
            order by
                score desc nulls last,
                match_probability desc nulls last,
                value_at_stake_amount desc nulls last,
                review_key asc nulls last
        ) as integer) as review_rank,
        namespace,
        record_id,
        customer_key,
        customer_name_masked,
        other_namespace,
        other_record_id,
        other_customer_key,
        other_customer_name_masked,
        evidence_en,
        evidence_zh,
        match_evidence,
        score,
        match_probability,
        match_weight,
        value_at_stake_amount
    from pairs

)

select * from identity_review

with observed as (

    select * from {{ ref('int_renewals__observed') }}

),

evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

),

policies as (

    select * from {{ ref('renewal_policies') }}

),

outcomes as (

    select
        outcome_number,
        contract_end,
        is_troubled,
        count(*) as customer_count,
        count(case when is_lost then 1 end) as lost_count
    from observed
    where outcome_number is not null
    group by outcome_number, contract_end, is_troubled

),

ends as (

    select 'soon' as contract_end
    union all
    select 'within_horizon' as contract_end
    union all
    select 'later' as contract_end

),

troubles as (

    select true as is_troubled
    union all
    select false as is_troubled

),

classes as (

    select
        ends.contract_end,
        troubles.is_troubled
    from ends
    cross join troubles

),

-- Of each evaluation all that was over by then, whichever customers it has itself.
known_by_class as (

    select
        evaluations.evaluation_date,
        classes.contract_end,
        classes.is_troubled,
        cast(coalesce(sum(outcomes.customer_count), 0) as double) as customer_count,
        cast(coalesce(sum(outcomes.lost_count), 0) as double) as lost_count
    from evaluations
    cross join classes
    left join outcomes
        on evaluations.evaluation_number >= outcomes.outcome_number
        and classes.contract_end = outcomes.contract_end
        and classes.is_troubled = outcomes.is_troubled
    group by evaluations.evaluation_date, classes.contract_end, classes.is_troubled

),

known as (

    select
        *,
        sum(customer_count) over (partition by evaluation_date, contract_end)
            as alike_count,
        sum(lost_count) over (partition by evaluation_date, contract_end)
            as alike_lost_count,
        sum(customer_count) over (partition by evaluation_date) as all_count,
        sum(lost_count) over (partition by evaluation_date) as all_lost_count
    from known_by_class

),

-- A class of which little is known is taken to be like the larger one that it belongs to,
-- as much as so many customers more would say.
smoothed as (

    select
        known.*,
        policies.model_version,
        policies.least_lost_count,
        policies.least_kept_count,
        cast(policies.prior_count as double) as prior_count,
        known.all_lost_count / nullif(known.all_count, 0) as all_lost_share
    from known
    inner join policies
        on known.evaluation_date >= policies.valid_from
        and known.evaluation_date <= policies.valid_to

),

with_alike as (

    select
        *,
        (alike_lost_count + prior_count * all_lost_share)
        / nullif(alike_count + prior_count, 0) as alike_lost_share
    from smoothed

),

counted as (

    select
        evaluation_date,
        contract_end,
        is_troubled,
        cast(round(customer_count) as bigint) as known_count,
        cast(round(lost_count) as bigint) as known_lost_count,
        all_lost_share,
        (lost_count + prior_count * alike_lost_share)
        / nullif(customer_count + prior_count, 0) as churn_probability,
        model_version
    from with_alike
    where
        all_lost_count >= least_lost_count
        and all_count - all_lost_count >= least_kept_count

)

select * from counted

-- Stages and losses say the same of every evaluation; and where neither a contract nor a
-- notice has a say, so do the days since the last purchase, which know nothing of either.
with staged as (

    select * from {{ ref('int_lifecycle__staged') }}

),

losses as (

    select * from {{ ref('int_losses__dated') }}

),

measured as (

    select * from {{ ref('int_customers__measured') }}

),

-- With two policies one after the other, what both say.
bounds as (

    select
        customer_type,
        min(lost_days) as least_days,
        max(lost_days) as most_days
    from {{ ref('lifecycle_policies') }}
    group by customer_type

),

standing_losses as (

    select
        staged.customer_key,
        staged.evaluation_date,
        count(losses.lost_on) as loss_count
    from staged
    left join losses
        on staged.customer_key = losses.customer_key
        and staged.evaluation_date >= losses.lost_on
        and staged.evaluation_date < {{ or_forever('losses.returned_on') }}
    group by staged.customer_key, staged.evaluation_date

),

compared as (

    select
        staged.customer_key,
        staged.evaluation_date,
        staged.lifecycle_stage,
        standing_losses.loss_count,
        measured.evaluation_date - measured.last_purchased_on as silent_days,
        bounds.least_days,
        bounds.most_days,
        measured.first_contract_on is null and measured.terminated_on is null as is_by_purchases
    from staged
    inner join standing_losses
        on staged.customer_key = standing_losses.customer_key
        and staged.evaluation_date = standing_losses.evaluation_date
    inner join measured
        on staged.customer_key = measured.customer_key
        and staged.evaluation_date = measured.evaluation_date
    inner join bounds
        on measured.policy_customer_type = bounds.customer_type

)

select *
from compared
where
    loss_count <> case when lifecycle_stage = 'lost' then 1 else 0 end
    or (is_by_purchases and silent_days > most_days and lifecycle_stage <> 'lost')
    or (is_by_purchases and silent_days <= least_days and lifecycle_stage = 'lost')
    or (is_by_purchases and silent_days is null and lifecycle_stage <> 'prospect')

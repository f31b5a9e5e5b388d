-- Stages and losses say the same of every evaluation; and where neither a contract nor a
-- notice has a say, so do the days since the last purchase, which know nothing of either.
with staged as (

    select * from {{ ref('int_lifecycle__staged') }}

),

losses as (

    select * from {{ ref('int_losses__dated') }}

),

evaluations as (

    select * from {{ ref('int_evaluations__dated') }}

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

-- Each evaluation by which a customer is lost, once: a second loss would make it two.
standing_losses as (

    select
        losses.customer_key,
        evaluations.evaluation_date,
        count(*) as loss_count
    from losses
    inner join evaluations
        on losses.lost_on <= evaluations.evaluation_date
        and {{ or_forever('losses.returned_on') }} > evaluations.evaluation_date
    group by losses.customer_key, evaluations.evaluation_date

),

lost_stages as (

    select
        customer_key,
        evaluation_date
    from staged
    where lifecycle_stage = 'lost'

),

compared as (

    select
        coalesce(standing_losses.customer_key, lost_stages.customer_key) as customer_key,
        coalesce(standing_losses.evaluation_date, lost_stages.evaluation_date) as evaluation_date
    from standing_losses
    full outer join lost_stages
        on standing_losses.customer_key = lost_stages.customer_key
        and standing_losses.evaluation_date = lost_stages.evaluation_date
    where
        standing_losses.loss_count is distinct from 1
        or lost_stages.customer_key is null

),

-- Who was lost may have no purchase left: it was called off afterwards.
called_off as (

    select
        customer_key,
        min(called_off_on) as called_off_on
    from {{ ref('int_purchases__sequenced') }}
    where called_off_on is not null
    group by customer_key

),

-- Only those of whom purchases alone decide.
silent as (

    select
        measured.customer_key,
        measured.evaluation_date,
        {{ days_from('measured.last_purchased_on', 'measured.evaluation_date') }} as silent_days,
        bounds.least_days,
        bounds.most_days
    from measured
    inner join bounds
        on measured.policy_customer_type = bounds.customer_type
    where measured.first_contract_on is null and measured.terminated_on is null

),

judged as (

    select
        staged.customer_key,
        staged.evaluation_date
    from staged
    inner join silent
        on staged.customer_key = silent.customer_key
        and staged.evaluation_date = silent.evaluation_date
    left join called_off
        on staged.customer_key = called_off.customer_key
        and staged.evaluation_date >= called_off.called_off_on
    where
        (silent.silent_days > silent.most_days and staged.lifecycle_stage <> 'lost')
        or (silent.silent_days <= silent.least_days and staged.lifecycle_stage = 'lost')
        or (
            silent.silent_days is null
            and staged.lifecycle_stage <> 'prospect'
            and not (staged.lifecycle_stage = 'lost' and called_off.customer_key is not null)
        )

)

select
    customer_key,
    evaluation_date
from compared
union all
select
    customer_key,
    evaluation_date
from judged

with warnings as (

    select * from {{ ref('int_warnings__stated') }}

),

eligible as (

    select * from {{ ref('int_customers__eligible') }}

),

policies as (

    select * from {{ ref('warning_policies') }}

),

purchases as (

    select * from {{ ref('int_purchases__sequenced') }}

),

contracts as (

    select * from {{ ref('int_contracts__resolved') }}

),

contacts as (

    select * from {{ ref('int_contacts__classified') }}

),

parameters as (

    select * from {{ ref('run_parameters') }}

),

-- Judged once the horizon is over, whatever came of the warning before: a person's own
-- word that a customer was kept is no proof, and controls have none.
closed_horizons as (

    select
        warnings.warning_id,
        warnings.customer_key,
        warnings.level,
        warnings.is_control,
        warnings.expected_loss_amount,
        warnings.opened_on,
        warnings.opened_on + policies.horizon_days as judged_on,
        eligible.value_basis
    from warnings
    inner join eligible
        on warnings.customer_key = eligible.customer_key
        and eligible.is_latest
    inner join policies
        on eligible.policy_customer_type = policies.customer_type
        and warnings.opened_on >= policies.valid_from
        and warnings.opened_on <= policies.valid_to
    cross join parameters
    where warnings.opened_on + policies.horizon_days <= parameters.as_of_date

),

bought as (

    select distinct closed_horizons.warning_id
    from closed_horizons
    inner join purchases
        on closed_horizons.customer_key = purchases.customer_key
        and closed_horizons.opened_on < purchases.purchased_on
        and closed_horizons.judged_on >= purchases.purchased_on
    where
        closed_horizons.value_basis = 'orders'
        and coalesce(purchases.called_off_on > closed_horizons.judged_on, true)

),

-- Who is valued by contracts is kept while one binds them, or the next is signed; one that
-- was terminated only later did so too.
contracted as (

    select distinct closed_horizons.warning_id
    from closed_horizons
    inner join contracts
        on closed_horizons.customer_key = contracts.customer_key
    where
        closed_horizons.value_basis = 'contracts'
        and closed_horizons.judged_on <= contracts.last_on
        and closed_horizons.judged_on >= least(contracts.starts_on, contracts.signed_on)

),

contacted as (

    select distinct closed_horizons.warning_id
    from closed_horizons
    inner join contacts
        on closed_horizons.customer_key = contacts.customer_key
        and closed_horizons.opened_on < contacts.done_on
        and closed_horizons.judged_on >= contacts.done_on
    where contacts.is_outreach

),

followed as (

    select
        closed_horizons.warning_id,
        closed_horizons.customer_key,
        closed_horizons.level,
        closed_horizons.is_control,
        closed_horizons.expected_loss_amount,
        closed_horizons.opened_on,
        closed_horizons.judged_on,
        bought.warning_id is not null or contracted.warning_id is not null as is_kept,
        contacted.warning_id is not null as is_contacted
    from closed_horizons
    left join bought
        on closed_horizons.warning_id = bought.warning_id
    left join contracted
        on closed_horizons.warning_id = contracted.warning_id
    left join contacted
        on closed_horizons.warning_id = contacted.warning_id

)

select * from followed

with policies as (

    {{ valid_on_run_day(ref('opportunity_lists')) }}

),

customers as (

    select * from {{ ref('int_playbook__applied') }}

),

addresses as (

    select * from {{ ref('int_customer_addresses__known') }}

),

measures as (

    select * from {{ ref('int_customers__measured') }}

),

tiers as (

    select * from {{ ref('int_tiers__current') }}

),

evaluated as (

    select * from {{ ref('int_tiers__evaluated') }}

),

-- Points of the run's day, but for the tier in force: what is set by hand neither rises nor
-- falls by points. Who fell in a preview falls at the end of its month.
standings as (

    select
        tiers.customer_key,
        tiers.tier_rank,
        case
            when evaluated.tier_rank = tiers.tier_rank and evaluated.points_above_stay_bar >= 0
                then evaluated.points_to_next_tier
        end as points_to_next_tier,
        evaluated.next_tier_code,
        case
            when evaluated.tier_rank = tiers.tier_rank then evaluated.falls_on
            when evaluated.previous_stay_score is not null
                then last_day(evaluated.evaluation_date)
        end as falls_on,
        case
            when evaluated.tier_rank = tiers.tier_rank then evaluated.falls_to_tier_code
            else evaluated.tier_code
        end as falls_to_tier_code,
        case
            when evaluated.tier_rank = tiers.tier_rank then -evaluated.points_above_stay_bar
            else evaluated.previous_stay_score - evaluated.score
        end as points_to_stay
    from tiers
    inner join evaluated
        on tiers.customer_key = evaluated.customer_key
        and evaluated.is_latest
    where
        evaluated.tier_rank = tiers.tier_rank
        or (
            evaluated.is_provisional
            and evaluated.reason_code = 'demoted'
            and evaluated.previous_tier_rank = tiers.tier_rank
        )

),

described as (

    select
        customers.customer_key,
        customers.tier_code,
        customers.lifecycle_stage,
        customers.warning_id,
        customers.marketing_permission,
        customers.warning_id is not null or customers.reason_class = 'complaint'
            as is_not_sold_to,
        customers.action_code as playbook_action_code,
        customers.channel as playbook_channel,
        customers.owner_role as playbook_owner_role,
        customers.due_days as playbook_due_days,
        measures.policy_customer_type,
        standings.next_tier_code,
        standings.points_to_next_tier,
        standings.falls_to_tier_code,
        standings.falls_on,
        standings.points_to_stay,
        coalesce(tiers.tier_rank, 0) as tier_rank,
        measures.purchase_day_count,
        measures.purchase_day_90_count,
        measures.has_running_contract,
        measures.net_revenue_amount,
        measures.net_revenue_90_amount,
        measures.value_365_amount,
        cast(measures.net_revenue_180_amount - measures.net_revenue_90_amount as decimal(18, 4))
            as earlier_revenue_90_amount,
        {{ days_from('measures.last_purchased_on', 'measures.evaluation_date') }} as silent_days
    from customers
    inner join measures
        on customers.customer_key = measures.customer_key
        and measures.is_latest
    left join tiers
        on customers.customer_key = tiers.customer_key
    left join standings
        on customers.customer_key = standings.customer_key
    -- Nobody is sold to against their word.
    where customers.lifecycle_stage <> 'lost' and customers.marketing_permission <> 'refused'

),

-- Whom a list is about, and whether the numbers of a rule are reached. A contract is a
-- purchase that repeats by itself; what was given back was none. A way that is known goes
-- before one that is not.
fitting as (

    select
        described.*,
        policies.list_code,
        policies.rule_order,
        policies.action_code,
        policies.channel,
        policies.owner_role,
        policies.due_days,
        policies.text_en,
        policies.text_zh,
        case policies.list_code
            when 'near_upgrade' then described.points_to_next_tier
            when 'about_to_fall' then described.points_to_stay
        end as points
    from described
    inner join policies
        on described.policy_customer_type = policies.customer_type
        and (
            policies.list_code = 'potential'
            or (
                policies.list_code = 'second_purchase'
                and described.purchase_day_count = 1
                and described.net_revenue_amount > 0
                and not described.has_running_contract
            )
            or (policies.list_code = 'near_upgrade' and described.points_to_next_tier is not null)
            or (policies.list_code = 'about_to_fall' and described.falls_on is not null)
        )
        and (described.marketing_permission = 'given' or not policies.needs_consent)
        and coalesce(described.silent_days >= policies.least_days, policies.least_days is null)
        and coalesce(described.silent_days <= policies.most_days, policies.most_days is null)
        and coalesce(
            described.points_to_next_tier <= policies.most_points, policies.most_points is null
        )
        and coalesce(
            described.tier_rank <= policies.most_tier_rank, policies.most_tier_rank is null
        )
        and coalesce(
            described.net_revenue_90_amount >= policies.least_revenue_90_amount,
            policies.least_revenue_90_amount is null
        )
        and coalesce(
            described.purchase_day_90_count >= policies.least_purchase_day_90_count,
            policies.least_purchase_day_90_count is null
        )
        -- Nothing before to compare with is no growth.
        and coalesce(
            cast(described.net_revenue_90_amount as double)
            / nullif(cast(greatest(described.earlier_revenue_90_amount, 0) as double), 0)
            >= 1 + policies.least_growth_90_share,
            policies.least_growth_90_share is null
        )
    left join addresses
        on described.customer_key = addresses.customer_key
        and policies.channel = addresses.channel
    qualify
        row_number() over (
            partition by described.customer_key, policies.list_code
            order by
                case
                    when addresses.channel is not null then 0
                    when {{ needs_address('policies.channel') }} then 1
                    else 0
                end nulls last,
                policies.rule_order nulls last
        ) = 1

),

-- Who falls first, who is nearest, who brings most; a warning or a complaint goes before
-- selling.
filled as (

    select
        customer_key,
        list_code,
        tier_code,
        lifecycle_stage,
        marketing_permission,
        rule_order,
        text_en,
        text_zh,
        case when list_code = 'near_upgrade' then next_tier_code end as next_tier_code,
        case when list_code = 'about_to_fall' then falls_to_tier_code end as falls_to_tier_code,
        warning_id,
        case when is_not_sold_to then playbook_action_code else action_code end as action_code,
        case when is_not_sold_to then playbook_channel else channel end as channel,
        case when is_not_sold_to then playbook_owner_role else owner_role end as owner_role,
        case when is_not_sold_to then playbook_due_days else due_days end as due_days,
        cast(row_number() over (
            partition by list_code
            order by
                case when list_code = 'about_to_fall' then falls_on end asc nulls last,
                case when list_code = 'near_upgrade' then points end asc nulls last,
                case list_code
                    when 'second_purchase' then net_revenue_amount
                    when 'potential' then net_revenue_90_amount
                    else value_365_amount
                end desc nulls last,
                customer_key asc nulls last
        ) as bigint) as list_rank,
        purchase_day_90_count,
        cast(silent_days as bigint) as silent_days,
        earlier_revenue_90_amount,
        cast(points as decimal(9, 6)) as points,
        net_revenue_amount,
        net_revenue_90_amount,
        value_365_amount,
        case when list_code = 'about_to_fall' then falls_on end as falls_on
    from fitting

)

select * from filled

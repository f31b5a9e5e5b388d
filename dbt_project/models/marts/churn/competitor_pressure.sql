with mentions as (

    select * from {{ ref('int_competitors__named') }}

),

competitor_pressure as (

    select
        cast(date_trunc('month', named_on) as date) as month,
        competitor_code,
        min(competitor) as competitor,
        cast(count(case when mention_kind = 'ticket' then 1 end) as bigint) as ticket_count,
        cast(count(case when mention_kind = 'opportunity' then 1 end) as bigint)
            as lost_deal_count,
        cast(count(distinct customer_key) as bigint) as customer_count,
        cast(count(case when mention_kind = 'loss' then 1 end) as bigint) as loss_count,
        cast(
            sum(case when mention_kind = 'loss' then coalesce(value_lost_amount, 0) else 0 end)
            as decimal(28, 4)
        ) as value_lost_amount
    from mentions
    group by cast(date_trunc('month', named_on) as date), competitor_code

)

select * from competitor_pressure

with told as (

    select * from {{ ref('int_customer_attributes__told') }}

),

ranked as (

    select
        *,
        nullif(instr(';' || sources || ';', ';' || source || ';'), 0) as source_rank,
        row_number() over (
            partition by customer_key, attribute_code
            order by
                {{ survivor_order() | indent(16) }}
        ) as place
    from told

),

survivors as (

    select *
    from ranked
    where place = 1

),

-- The best of those who tell something else: what decided against it is the reason.
rivals as (

    select
        ranked.*,
        row_number() over (
            partition by ranked.customer_key, ranked.attribute_code
            order by ranked.place nulls last
        ) as rival_place
    from ranked
    inner join survivors
        on ranked.customer_key = survivors.customer_key
        and ranked.attribute_code = survivors.attribute_code
        and ranked.compared_value <> survivors.compared_value

),

counted as (

    select
        customer_key,
        attribute_code,
        count(*) as teller_count,
        count(distinct compared_value) as value_count,
        max(told_at) as last_told_at
    from ranked
    group by customer_key, attribute_code

),

other_values as (

    select distinct
        customer_key,
        attribute_code,
        value_masked
    from rivals

),

other_values_listed as (

    select
        customer_key,
        attribute_code,
        {{ sorted_list('value_masked', 'value_masked', '; ') }} as other_values_masked
    from other_values
    group by customer_key, attribute_code

),

survived as (

    select
        survivors.customer_key,
        survivors.attribute_code,
        survivors.source,
        survivors.namespace,
        survivors.record_id,
        survivors.value,
        survivors.value_masked,
        survivors.compared_value,
        other_values_listed.other_values_masked,
        survivors.strategy,
        case
            when counted.teller_count = 1 then null
            when rivals.customer_key is null then 'all_agree'
            when
                survivors.value = survivors.leading_value
                and rivals.value <> survivors.leading_value
                then survivors.strategy
            when (survivors.source_rank is distinct from rivals.source_rank) then 'source_rank'
            when
                survivors.recency = 'newest' and survivors.told_at > rivals.told_at
                then 'newest'
            when
                survivors.recency = 'oldest' and survivors.opened_at < rivals.opened_at
                then 'oldest'
            when length(survivors.value) > length(rivals.value) then 'fullest'
            else 'record_id'
        end as reason_code,
        counted.teller_count,
        counted.value_count,
        counted.value_count > 1 as is_conflicting,
        survivors.told_at,
        counted.last_told_at
    from survivors
    inner join counted
        on survivors.customer_key = counted.customer_key
        and survivors.attribute_code = counted.attribute_code
    left join rivals
        on survivors.customer_key = rivals.customer_key
        and survivors.attribute_code = rivals.attribute_code
        and rivals.rival_place = 1
    left join other_values_listed
        on survivors.customer_key = other_values_listed.customer_key
        and survivors.attribute_code = other_values_listed.attribute_code

)

select * from survived

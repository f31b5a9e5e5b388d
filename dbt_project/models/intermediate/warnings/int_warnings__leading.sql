with warnings as (

    select * from {{ ref('int_warnings__stated') }}

),

-- A merge of two customers may leave two warnings open: the older one leads.
leading_warnings as (

    select *
    from warnings
    where is_open
    qualify
        row_number() over (
            partition by customer_key order by opened_on asc nulls last, warning_id asc nulls last
        ) = 1

)

select * from leading_warnings

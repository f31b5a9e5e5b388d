with customer_ids as (

    {{ counted_customer_ids() | indent(4) }}

)

select * from customer_ids

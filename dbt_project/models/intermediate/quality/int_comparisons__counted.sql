with comparisons as (

    {{ counted_comparisons() | indent(4) }}

)

select * from comparisons

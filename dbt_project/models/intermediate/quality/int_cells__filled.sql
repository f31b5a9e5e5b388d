with cells as (

    {{ counted_cells() | indent(4) }}

)

select * from cells

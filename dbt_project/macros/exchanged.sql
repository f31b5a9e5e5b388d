{#
    An amount in the base currency. Most are in it already, and a product of decimals as
    wide as a rate's costs more than all else that is done to an order.
#}
{% macro exchanged(amount, rate) -%}
    case
        when {{ rate }} = 1 then cast({{ amount }} as decimal(18, 4))
        else cast(
            cast({{ amount }} as decimal(18, 4)) * cast({{ rate }} as decimal(19, 10))
            as decimal(18, 4)
        )
    end
{%- endmacro %}

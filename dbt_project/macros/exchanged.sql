{#
    An amount in the base currency; null beyond what a row of raw may hold in it, as by a
    rate of another unit. Most are in it already, and a product of decimals as wide as a
    rate's costs more than all else that is done to an order.
#}
{% macro exchanged(amount, rate) -%}
    {%- set product = 'cast(' ~ amount ~ ' as decimal(18, 4)) * cast(' ~ rate ~ ' as decimal(19, 10))' -%}
    case
        when {{ rate }} = 1 then cast({{ amount }} as decimal(18, 4))
        when abs({{ product }}) <= {{ range_of({'type': 'money'}).max }}
            then cast({{ product }} as decimal(18, 4))
    end
{%- endmacro %}

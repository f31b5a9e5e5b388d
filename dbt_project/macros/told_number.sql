{#
    A number as a reader would say it: shares in percent, ratios with one decimal, the rest
    whole. `whole` is how the rest is made so, `floor` or `round`.
#}
{% macro told_number(value, unit, whole='floor') -%}
    case {{ unit }}
        when 'share' then cast(cast(round(100 * ({{ value }})) as bigint) as string) || '%'
        when 'ratio' then cast({{ rounded(value, 18, 1) }} as string)
        else cast(cast({{ whole }}({{ value }}) as bigint) as string)
    end
{%- endmacro %}

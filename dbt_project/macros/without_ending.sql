{# Names of companies (told_value, spelling) without the longest of the endings that they have. #}
{% macro without_ending(names, endings) -%}
select
    names.told_value,
    {{ trimmed(
        "left(' ' || names.spelling, 1 + length(names.spelling)"
        ~ ' - coalesce(max(length(endings.ending)), 0))'
    ) }} as spelling
from {{ names }} as names
left join {{ endings }} as endings
    on right(names.spelling, 1) = right(endings.ending, 1)
    and right(' ' || names.spelling, length(endings.ending)) = endings.ending
group by names.told_value, names.spelling
{%- endmacro %}

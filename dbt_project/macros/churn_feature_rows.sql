{# A row for each row of `relation` and code: its `keys`, the code, and the column of that name. #}
{% macro churn_feature_rows(relation, keys, codes, value, suffix='') -%}
    {% for code in codes -%}
        select
            {% for key in keys -%}
                {{ key }},
            {% endfor -%}
            '{{ code }}' as feature_code,
            {{ code }}{{ suffix }} as {{ value }}
        from {{ relation }}
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}
{%- endmacro %}

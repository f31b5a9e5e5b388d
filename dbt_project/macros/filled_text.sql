{# A text with what stands for each {name} in it; a question mark where that is null. #}
{% macro filled_text(text, values) -%}
    {%- set filled = namespace(sql=text) -%}
    {%- for name, value in values.items() -%}
        {%- set filled.sql = "replace(" ~ filled.sql ~ ", '{" ~ name ~ "}', "
            ~ "coalesce(" ~ value ~ ", '?'))" -%}
    {%- endfor -%}
    {{ filled.sql }}
{%- endmacro %}

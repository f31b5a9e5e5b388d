{# A text in lower case, letter by letter: each keeps its length and knows no neighbours. #}
{% macro lower_case(text) -%}
    {{ adapter.dispatch('lower_case')(text) }}
{%- endmacro %}

{% macro default__lower_case(text) -%}
    lower({{ text }})
{%- endmacro %}

{# Its plain `lower` makes two letters of İ, and another one of Σ at the end of a word. #}
{% macro spark__lower_case(text) -%}
    lower(translate({{ text }}, 'İΣ', 'iσ'))
{%- endmacro %}

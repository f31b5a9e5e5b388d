{# A text with every place that has a form replaced. #}
{% macro replaced_form(text, form, by) -%}
    {{ adapter.dispatch('replaced_form')(text, form, by) }}
{%- endmacro %}

{% macro default__replaced_form(text, form, by) -%}
    regexp_replace({{ text }}, '{{ form }}', '{{ by }}', 'g')
{%- endmacro %}

{# Its `$` also stands before a line break at the end. #}
{% macro spark__replaced_form(text, form, by) -%}
    regexp_replace({{ text }}, '{{ form | replace('$', '\\\\z') }}', '{{ by }}')
{%- endmacro %}

{# Whether a text has a form somewhere in it; a form without backslashes is the same everywhere. #}
{% macro has_form(text, form) -%}
    {{ adapter.dispatch('has_form')(text, form) }}
{%- endmacro %}

{#
    A form of the whole text is told as one: DuckDB is several times as fast then. Alternatives
    in it stand in brackets.
#}
{% macro default__has_form(text, form) -%}
    {{ 'regexp_full_match' if form[0] == '^' and form[-1] == '$' else 'regexp_matches' -}}
    ({{ text }}, '{{ form }}')
{%- endmacro %}

{# Its `$` also stands before a line break at the end. #}
{% macro spark__has_form(text, form) -%}
    regexp_like({{ text }}, '{{ form | replace('$', '\\\\z') }}')
{%- endmacro %}

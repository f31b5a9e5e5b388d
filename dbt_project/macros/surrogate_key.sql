{# A key of our own from what identifies the entity; its parts may not be null. #}
{% macro surrogate_key(parts) -%}
    md5({{ parts | join(' || chr(31) || ') }})
{%- endmacro %}

{# Whoever tells no number is known by the contact they leave, as a keyed hash of it. #}
{% macro guest_key(contact, key) -%}
    {{ keyed_hash(lower_case(contact), key) }}
{%- endmacro %}

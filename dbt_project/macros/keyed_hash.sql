{#
    A pseudonym that cannot be undone without the key: nested SHA-256, the HMAC idea in
    functions that every engine has.
#}
{% macro keyed_hash(text, key) -%}
    {{ adapter.dispatch('keyed_hash')(text, key) }}
{%- endmacro %}

{% macro default__keyed_hash(text, key) -%}
    sha256({{ key }} || sha256({{ key }} || {{ text }}))
{%- endmacro %}

{% macro spark__keyed_hash(text, key) -%}
    sha2({{ key }} || sha2({{ key }} || {{ text }}, 256), 256)
{%- endmacro %}

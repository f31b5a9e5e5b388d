{# A number from 0 up to, not including, 1 that a text gives always and everywhere. #}
{% macro hash_share(text) -%}
    {{ adapter.dispatch('hash_share')(text) }}
{%- endmacro %}

{% macro default__hash_share(text) -%}
    cast('0x' || left(md5({{ text }}), 8) as bigint) / cast(4294967296 as double)
{%- endmacro %}

{% macro spark__hash_share(text) -%}
    cast(conv(left(md5({{ text }}), 8), 16, 10) as bigint) / cast(4294967296 as double)
{%- endmacro %}

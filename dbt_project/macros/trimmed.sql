{# A text without the spaces around it, of any language; tabs and line breaks stay. #}
{% macro trimmed(text) -%}
    {{ adapter.dispatch('trimmed')(text) }}
{%- endmacro %}

{% macro default__trimmed(text) -%}
    trim({{ text }})
{%- endmacro %}

{# Its plain `trim` knows one space: these are all of Unicode's. #}
{% macro spark__trimmed(text) -%}
    trim(both '\u0020\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u202F\u205F\u3000'
        from {{ text }})
{%- endmacro %}

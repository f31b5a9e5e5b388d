{# Marts have a file of their own on DuckDB; Spark knows schemas only. #}
{% macro generate_database_name(custom_database_name=none, node=none) -%}
    {{ return(adapter.dispatch('generate_database_name')(custom_database_name)) }}
{%- endmacro %}

{% macro default__generate_database_name(custom_database_name) -%}
    {{ return(custom_database_name or target.database) }}
{%- endmacro %}

{% macro spark__generate_database_name(custom_database_name) -%}
    {{ return(none) }}
{%- endmacro %}

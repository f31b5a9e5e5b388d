{# Whether a way of contact needs an address of its own (int_customer_addresses__known). #}
{% macro needs_address(channel) -%}
    {{ channel }} in ('email', 'phone', 'sms', 'wechat')
{%- endmacro %}

{# The day on which an invoice was paid whole; one that is paid in part is still open. #}
{% macro settled_on(invoices) -%}
    case
        when coalesce({{ invoices }}.paid_amount, {{ invoices }}.amount) >= {{ invoices }}.amount
            then {{ invoices }}.paid_on
    end
{%- endmacro %}

{# What a criterion of the tier policy measures of a customer, by its measure and window. #}
{% macro criterion_measure(criterion, customer) -%}
    cast(case {{ criterion }}.measure
        when 'value' then {{ customer }}.value_365_amount
        when 'net_revenue' then case {{ criterion }}.window_days
            when 90 then {{ customer }}.net_revenue_90_amount
            when 180 then {{ customer }}.net_revenue_180_amount
            when 365 then {{ customer }}.net_revenue_365_amount
        end
        when 'purchase_days' then case {{ criterion }}.window_days
            when 90 then {{ customer }}.purchase_day_90_count
            when 180 then {{ customer }}.purchase_day_180_count
            when 365 then {{ customer }}.purchase_day_365_count
        end
        when 'recency_days'
            then {{ days_from(customer ~ '.last_purchased_on', customer ~ '.evaluation_date') }}
        when 'tenure_days'
            then {{ days_from(customer ~ '.customer_since', customer ~ '.evaluation_date') }}
        when 'predicted_value' then {{ customer }}.expected_amount
    end as decimal(18, 4))
{%- endmacro %}

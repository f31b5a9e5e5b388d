with row_fates as (
    {{ fates_of('crm', 'customers', ref('stg_crm__customers_versions')) }}
    union all
    {{ fates_of('crm', 'interactions', ref('stg_crm__interactions_versions')) }}
    union all
    {{ fates_of('shop', 'orders', ref('stg_shop__orders_versions')) }}
    union all
    {{ fates_of('shop', 'order_lines', ref('stg_shop__order_lines_versions')) }}
    union all
    {{ fates_of('survey', 'responses', ref('stg_survey__responses_versions')) }}
    union all
    {{ fates_of('service', 'tickets', ref('stg_service__tickets_versions')) }}
    union all
    {{ fates_of('finance', 'exchange_rates', ref('stg_finance__exchange_rates_versions')) }}
    union all
    {{ fates_of('online_retail', 'sales', ref('stg_online_retail__sales_versions')) }}

)

select * from row_fates

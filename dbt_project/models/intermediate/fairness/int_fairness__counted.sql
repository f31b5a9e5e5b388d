{%- set text_columns = [
    'customer_type', 'region', 'province', 'city', 'industry', 'company_size',
    'acquisition_channel',
] -%}
{%- set number_columns = ['tenure_days', 'age_years'] -%}
{%- set ranks = range(2, 7) -%}
with customers as (

    select * from {{ ref('int_customers__audited') }}

),

attributes as (

    select * from {{ ref('fairness_attributes') }}

),

outcomes_in_use as (

    select * from {{ ref('fairness_outcomes') }}

),

policies as (

    select * from {{ ref('tier_policies') }}

),

levels as (

    select * from {{ ref('tier_levels') }}

),

band_texts as (

    {{ split_items('attributes', 'bands', "';'", ['attribute_code', 'valid_from']) }}

),

bands as (

    select
        attribute_code,
        valid_from,
        cast(item as bigint) as from_number
    from band_texts

),

bands_with_ends as (

    select
        *,
        lead(from_number) over (
            partition by attribute_code, valid_from order by from_number nulls last
        ) as next_number
    from bands

),

-- A number's value stands for its band only later: here each is still counted alone.
counted_values as (

    {% for column in text_columns + number_columns -%}
        select
            scenario,
            evaluation_date,
            policy_customer_type,
            '{{ column }}' as source_column,
            {% if column in text_columns -%}
                {{ column }} as text_value,
                cast(null as bigint) as number_value,
            {%- else -%}
                cast(null as string) as text_value,
                {{ column }} as number_value,
            {%- endif %}
            value_bin,
            value_bin_in_all,
            {% for rank in ranks -%}
                count(case when tier_rank >= {{ rank }} then 1 end) as at_least_{{ rank }},
            {% endfor -%}
            count(case when has_contact then 1 end) as contacted_count,
            count(case when has_benefit then 1 end) as benefited_count,
            count(*) as customer_count
        from customers
        where {{ column }} is not null
        group by
            scenario, evaluation_date, policy_customer_type, {{ column }}, value_bin,
            value_bin_in_all
        {%- if not loop.last %}
            union all
        {% endif -%}
    {% endfor %}

),

-- Customers of whom the attribute is not known are in no group.
grouped as (

    select
        counted_values.*,
        case
            when attributes.is_across_types then 'all'
            else counted_values.policy_customer_type
        end as customer_type,
        case
            when attributes.is_across_types then counted_values.value_bin_in_all
            else counted_values.value_bin
        end as compared_bin,
        attributes.attribute_code,
        coalesce(
            counted_values.text_value,
            cast(bands_with_ends.from_number as string)
            || coalesce('-' || cast(bands_with_ends.next_number - 1 as string), '+')
        ) as group_code,
        attributes.outcomes,
        attributes.is_by_policy,
        attributes.least_count,
        attributes.least_ratio
    from counted_values
    inner join attributes
        on counted_values.source_column = attributes.source_column
        and counted_values.evaluation_date >= attributes.valid_from
        and counted_values.evaluation_date <= attributes.valid_to
    left join bands_with_ends
        on attributes.attribute_code = bands_with_ends.attribute_code
        and attributes.valid_from = bands_with_ends.valid_from
        and counted_values.number_value >= bands_with_ends.from_number
        and counted_values.number_value
        < coalesce(bands_with_ends.next_number, cast(9223372036854775807 as bigint))

),

summed as (

    select
        {% for rank in ranks -%}
            cast(sum(at_least_{{ rank }}) as bigint) as at_least_{{ rank }},
        {% endfor -%}
        scenario,
        evaluation_date,
        customer_type,
        attribute_code,
        group_code,
        compared_bin,
        outcomes,
        is_by_policy,
        least_count,
        least_ratio,
        cast(sum(contacted_count) as bigint) as contacted_count,
        cast(sum(benefited_count) as bigint) as benefited_count,
        cast(sum(customer_count) as bigint) as customer_count
    from grouped
    where group_code is not null
    group by
        scenario, evaluation_date, customer_type, attribute_code, group_code, compared_bin,
        outcomes, is_by_policy, least_count, least_ratio

),

-- The lowest tier has every customer, so it is no bar.
tier_names as (

    select
        policies.scenario,
        policies.customer_type,
        policies.valid_from,
        policies.valid_to,
        levels.tier_rank,
        levels.tier_code
    from policies
    inner join levels
        on policies.policy_code = levels.policy_code
        and policies.policy_version = levels.policy_version
    where levels.tier_rank > 1

),

bars as (

    select distinct
        summed.scenario,
        summed.evaluation_date,
        summed.customer_type,
        tier_names.tier_rank,
        tier_names.tier_code
    from summed
    inner join tier_names
        on summed.scenario = tier_names.scenario
        and (summed.customer_type = tier_names.customer_type or summed.customer_type = 'all')
        and summed.evaluation_date >= tier_names.valid_from
        and summed.evaluation_date <= tier_names.valid_to

),

-- Contacts and benefits were given under the policy in use, so no candidate has any.
counted_by_outcome as (

    select
        summed.scenario,
        summed.evaluation_date,
        summed.customer_type,
        summed.attribute_code,
        summed.group_code,
        'tier' as outcome_code,
        bars.tier_code,
        bars.tier_rank,
        summed.compared_bin,
        summed.is_by_policy,
        summed.least_count,
        summed.least_ratio,
        summed.customer_count,
        case bars.tier_rank
            {% for rank in ranks -%}
                when {{ rank }} then summed.at_least_{{ rank }}
            {% endfor -%}
        end as selected_count
    from summed
    inner join bars
        on summed.scenario = bars.scenario
        and summed.evaluation_date = bars.evaluation_date
        and summed.customer_type = bars.customer_type
    where ';' || summed.outcomes || ';' like '%;tier;%'
    union all
    {% for outcome, count in [('contact', 'contacted_count'), ('benefit', 'benefited_count')] -%}
        select
            scenario,
            evaluation_date,
            customer_type,
            attribute_code,
            group_code,
            '{{ outcome }}' as outcome_code,
            'all' as tier_code,
            cast(null as integer) as tier_rank,
            compared_bin,
            is_by_policy,
            least_count,
            least_ratio,
            customer_count,
            {{ count }} as selected_count
        from summed
        where scenario = 'live' and ';' || outcomes || ';' like '%;{{ outcome }};%'
        {%- if not loop.last %}
            union all
        {% endif -%}
    {% endfor %}

),

-- Of an outcome that has no line on the day nothing was looked up.
counted as (

    select counted_by_outcome.*
    from counted_by_outcome
    inner join outcomes_in_use
        on counted_by_outcome.outcome_code = outcomes_in_use.outcome_code
        and counted_by_outcome.evaluation_date >= outcomes_in_use.valid_from
        and counted_by_outcome.evaluation_date <= outcomes_in_use.valid_to

)

select * from counted

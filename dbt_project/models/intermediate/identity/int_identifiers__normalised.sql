with identifiers as (

    select * from {{ ref('int_identifiers__told') }}

),

emails as (

    select * from {{ ref('int_emails__normalised') }}

),

phones as (

    select * from {{ ref('int_phones__normalised') }}

),

phone_policies as (

    select * from {{ ref('phone_policies') }}

),

names as (

    select * from {{ ref('int_names__normalised') }}

),

placeholders as (

    select * from {{ ref('identity_placeholders') }}

),

told_others as (

    select distinct
        attribute,
        told_value
    from identifiers
    where attribute not in ('email', 'phone', 'name') and told_value is not null

),

spelled as (

    select
        attribute,
        told_value,
        {{ half_width('told_value') }} as spelling
    from told_others

),

-- A day written year first, whatever stands between its parts; a time behind it is cut.
dated as (

    select
        attribute,
        told_value,
        spelling,
        split_part(translate(spelling, '年月/.日T', '----  '), ' ', 1) as day_spelling
    from spelled

),

days as (

    select
        attribute,
        told_value,
        spelling,
        case
            when {{ has_form('day_spelling', '^[0-9]{8}$') }}
                then
                    left(day_spelling, 4) || '-' || substr(day_spelling, 5, 2)
                    || '-' || right(day_spelling, 2)
            when {{ has_form('day_spelling', '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$') }}
                then
                    split_part(day_spelling, '-', 1)
                    || '-' || lpad(split_part(day_spelling, '-', 2), 2, '0')
                    || '-' || lpad(split_part(day_spelling, '-', 3), 2, '0')
        end as day_text
    from dated

),

others as (

    select
        attribute,
        told_value,
        case
            when attribute = 'birth_date'
                then cast(try_cast(day_text as date) as string)
            -- A card is read aloud and typed: what parts its groups says nothing.
            when attribute = 'loyalty_card_no'
                then translate(
                    spelling, 'abcdefghijklmnopqrstuvwxyz -', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
                )
            else spelling
        end as value
    from days

),

valued as (

    select
        'email' as attribute,
        told_value,
        cast(null as string) as default_region,
        cast(null as boolean) as is_company,
        email as value,
        email as repeating_part
    from emails
    union all
    select
        'phone' as attribute,
        told_value,
        default_region,
        cast(null as boolean) as is_company,
        phone as value,
        national_number as repeating_part
    from phones
    union all
    select
        'name' as attribute,
        told_value,
        cast(null as string) as default_region,
        is_company,
        plain_name as value,
        plain_name as repeating_part
    from names
    union all
    select
        attribute,
        told_value,
        cast(null as string) as default_region,
        cast(null as boolean) as is_company,
        value,
        value as repeating_part
    from others
    where value <> ''

),

placeholder_values as (

    select
        valued.attribute,
        valued.value
    from valued
    inner join placeholders
        on valued.attribute = placeholders.attribute
        and valued.value = placeholders.form
    where placeholders.form_kind = 'exact'
    union
    select
        valued.attribute,
        valued.value
    from valued
    inner join placeholders
        on valued.attribute = placeholders.attribute
        and valued.value like placeholders.form
    where placeholders.form_kind = 'like'
    union
    select
        valued.attribute,
        valued.value
    from valued
    inner join placeholders
        on valued.attribute = placeholders.attribute
        and placeholders.form in ('*', left(valued.repeating_part, 1))
        and replace(valued.repeating_part, left(valued.repeating_part, 1), '') = ''
    where placeholders.form_kind = 'repeated'

),

usable as (

    select valued.*
    from valued
    left join placeholder_values
        on valued.attribute = placeholder_values.attribute
        and valued.value = placeholder_values.value
    where placeholder_values.value is null

),

-- What a value's form depends on besides how it is spelled.
placed as (

    select
        identifiers.*,
        case
            when identifiers.attribute = 'phone'
                then coalesce(own_policy.default_region, any_policy.default_region)
        end as default_region,
        case
            when identifiers.attribute = 'name'
                then coalesce(identifiers.customer_type = 'company', false)
        end as is_company
    from identifiers
    left join phone_policies as own_policy
        on identifiers.namespace = own_policy.namespace
    left join phone_policies as any_policy
        on any_policy.namespace = '*'

),

normalised as (

    select
        placed.namespace,
        placed.record_id,
        placed.attribute,
        placed.told_value,
        -- Nobody tells of a birth that is to come.
        case
            when
                placed.attribute = 'birth_date'
                and try_cast(usable.value as date) > cast(placed.first_told_at as date)
                then null
            else usable.value
        end as value,
        placed.customer_type,
        placed.is_current,
        placed.first_told_at
    from placed
    left join usable
        on placed.attribute = usable.attribute
        and placed.told_value = usable.told_value
        and coalesce(placed.default_region, '') = coalesce(usable.default_region, '')
        and coalesce(placed.is_company, false) = coalesce(usable.is_company, false)

)

select * from normalised

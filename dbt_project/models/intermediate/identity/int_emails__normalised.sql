with identifiers as (

    select * from {{ ref('int_identifiers__told') }}

),

providers as (

    select * from {{ ref('email_providers') }}

),

told_emails as (

    select distinct told_value
    from identifiers
    where attribute = 'email' and told_value is not null

),

spelled as (

    select
        told_value,
        {{ lower_case(half_width('told_value')) }} as spelling
    from told_emails

),

-- One @, no space or sign that only a quoted name may hold, and a dot within the domain.
addresses as (

    select
        told_value,
        split_part(spelling, '@', 1) as mailbox,
        split_part(spelling, '@', 2) as told_domain
    from spelled
    where
        {{ has_form('spelling', '^[^ @<>(),;:"]+@[^ @<>(),;:".]+([.][^ @<>(),;:".]+)+$') }}

),

provided as (

    select
        addresses.told_value,
        addresses.mailbox,
        case
            when own_provider.domain is null then addresses.told_domain
            else own_provider.canonical_domain
        end as canonical_domain,
        coalesce(own_provider.ignores_dots, any_provider.ignores_dots) as ignores_dots,
        case
            when own_provider.domain is null then any_provider.tag_separator
            else own_provider.tag_separator
        end as tag_separator
    from addresses
    left join providers as own_provider
        on addresses.told_domain = own_provider.domain
    left join providers as any_provider
        on any_provider.domain = '*'

),

untagged as (

    select
        told_value,
        canonical_domain,
        ignores_dots,
        case
            when tag_separator is null then mailbox
            else split_part(mailbox, tag_separator, 1)
        end as mailbox
    from provided

),

undotted as (

    select
        told_value,
        canonical_domain,
        case when ignores_dots then replace(mailbox, '.', '') else mailbox end as mailbox
    from untagged

),

emails as (

    select
        told_value,
        mailbox || '@' || canonical_domain as email
    from undotted
    where mailbox <> ''

)

select * from emails

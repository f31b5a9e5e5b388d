{# One table for every engine: each letter stands above the plain one. #}
{%- set accented = 'àáâãäåāăąǎçćĉčďđðèéêëēĕėęěĝğġģĥħìíîïĩīĭįıǐĵķĺļľłñńņň'
    ~ 'òóôõöøōŏőơǒŕŗřśŝşšșţťțùúûüũūŭůűųưǔǘǚǜŵýŷÿźżž' -%}
{%- set plain = 'aaaaaaaaaaccccdddeeeeeeeeegggghhiiiiiiiiiijkllllnnnn'
    ~ 'ooooooooooorrrssssstttuuuuuuuuuuuuuuuwyyyzzz' -%}
{%- set signs = '[!-#%-/:-@^-`{-~·•・‧、。〈-】〔-〟“”„…—–‐‑]' -%}

with identifiers as (

    select * from {{ ref('int_identifiers__told') }}

),

suffixes as (

    select * from {{ ref('company_suffixes') }}

),

told_names as (

    select distinct
        told_value,
        coalesce(customer_type = 'company', false) as is_company
    from identifiers
    where attribute = 'name' and told_value is not null

),

-- An accent may stand behind its letter or be part of it.
spelled_low as (

    select
        told_value,
        is_company,
        {{ replaced_form(lower_case(half_width('told_value')), '[\u0300-\u036f]', '') }}
            as spelling
    from told_names

),

unaccented as (

    select
        told_value,
        is_company,
        case
            when {{ has_form('spelling', '[ß-ǜ]') }}
                then translate(spelling, '{{ accented }}', '{{ plain }}')
            else spelling
        end as spelling
    from spelled_low

),

unjoined as (

    select
        told_value,
        is_company,
        replace(
            replace(replace(replace(spelling, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), '''', ''
        ) as spelling
    from unaccented

),

-- O'Neill is one word, Smith-Jones two.
worded as (

    select
        told_value,
        is_company,
        {{ trimmed(replaced_form(
            replaced_form(replaced_form('spelling', '[’‘`]', ''), signs, ' '), ' +', ' '
        )) }} as spelling
    from unjoined

),

endings as (

    select
        suffix,
        may_lead,
        case when is_word then ' ' || suffix else suffix end as ending
    from suffixes

),

uncut as (

    select
        told_value,
        spelling
    from worded
    where is_company

),

-- A name may end with three: 集团 股份 有限公司, or "Group Co. Ltd".
cut_once as (

    {{ without_ending('uncut', 'endings') | indent(4) }}

),

cut_twice as (

    {{ without_ending('cut_once', 'endings') | indent(4) }}

),

cut_thrice as (

    {{ without_ending('cut_twice', 'endings') | indent(4) }}

),

companies as (

    select
        cut_thrice.told_value,
        {{ trimmed(
            'substr(cut_thrice.spelling, 1 + coalesce(max(length(endings.suffix)), 0))'
        ) }} as spelling
    from cut_thrice
    left join endings
        on endings.may_lead
        and left(cut_thrice.spelling, 1) = left(endings.suffix, 1)
        and left(cut_thrice.spelling, length(endings.suffix)) = endings.suffix
    group by cut_thrice.told_value, cut_thrice.spelling

),

people as (

    select
        told_value,
        spelling
    from worded
    where not is_company

),

of_several_words as (

    select * from people
    where spelling like '% %'

),

words as (

    {{ split_items('of_several_words', 'spelling', "' '", ['told_value']) | indent(4) }}

),

-- "Ada Quill" is "Quill, Ada".
sorted_people as (

    select
        told_value,
        {{ sorted_list('item', 'item', ' ') }} as sorted_spelling
    from words
    group by told_value

),

spelled as (

    select
        told_value,
        true as is_company,
        spelling,
        spelling as sorted_spelling
    from companies
    union all
    select
        people.told_value,
        false as is_company,
        people.spelling,
        coalesce(sorted_people.sorted_spelling, people.spelling) as sorted_spelling
    from people
    left join sorted_people
        on people.told_value = sorted_people.told_value

),

-- Where names are written without spaces, one in them says nothing.
joined_up as (

    select
        told_value,
        is_company,
        case
            when {{ has_form('spelling', '[぀-ヿ㐀-鿿豈-﫿가-힣𠀀-𯨟]') }}
                then replace(spelling, ' ', '')
            else sorted_spelling
        end as plain_name
    from spelled

),

-- A single sign, or initials alone, are no name; nor are digits, of a person.
names as (

    select
        told_value,
        is_company,
        plain_name
    from joined_up
    where
        plain_name <> ''
        and not {{ has_form('plain_name', '^[^ ]( [^ ])*$') }}
        and (is_company or {{ has_form('plain_name', '[^0-9 ]') }})

)

select * from names

with identifiers as (

    select * from {{ ref('int_identifiers__told') }}

),

policies as (

    select * from {{ ref('phone_policies') }}

),

regions as (

    select * from {{ ref('phone_regions') }}

),

ranges as (

    select * from {{ ref('phone_ranges') }}

),

told_phones as (

    select distinct
        identifiers.told_value,
        coalesce(own_policy.default_region, any_policy.default_region) as default_region
    from identifiers
    left join policies as own_policy
        on identifiers.namespace = own_policy.namespace
    left join policies as any_policy
        on any_policy.namespace = '*'
    where identifiers.attribute = 'phone' and identifiers.told_value is not null

),

spelled as (

    select
        told_value,
        default_region,
        {{ lower_case(half_width('told_value')) }} as spelling
    from told_phones

),

-- Words before a number name its kind; behind it stands an extension.
without_words as (

    select
        told_value,
        default_region,
        {{ replaced_form(
            replaced_form('spelling', '^[^0-9+]+', ''),
            '(ext|x|转|轉|分机|分機|内线|內線|#|,|;|、).*$', ''
        ) }} as spelling
    from spelled
    -- Its country would stand behind the number.
    where not {{ has_form('spelling', 'phone-context') }}

),

dialled as (

    select
        told_value,
        default_region,
        {{ replaced_form('spelling', '[ ()./~‐-―−-]', '') }} as digits
    from without_words

),

-- Anything else, a letter say, is no number of which we are sure.
numbers as (

    select * from dialled
    where {{ has_form('digits', '^[+]?[0-9]{4,24}$') }}

),

abroad_prefixes as (

    {{ split_items('regions', 'international_prefixes', "';'", ['region']) | indent(4) }}

),

trunk_items as (

    {{ split_items('regions', 'trunk_prefixes', "';'", ['calling_code']) | indent(4) }}

),

-- A number may also be dialled without any.
trunk_prefixes as (

    select distinct
        calling_code,
        item as trunk_prefix
    from trunk_items
    where item is not null
    union
    select distinct
        calling_code,
        '' as trunk_prefix
    from regions

),

digits as (

    {{ split_items(
        "(select '0123456789' as ten, '0;1;2;3;4;5;6;7;8;9' as items) as texts",
        'items', "';'", ['ten']
    ) | indent(4) }}

),

-- What a number begins with is looked up by three digits, whatever it is.
beginnings as (

    select first_digits.item || second_digits.item || third_digits.item as beginning
    from digits as first_digits
    cross join digits as second_digits
    cross join digits as third_digits

),

calling_codes as (

    select distinct calling_code from regions

),

-- No calling code begins another.
code_beginnings as (

    select
        beginnings.beginning,
        calling_codes.calling_code
    from beginnings
    inner join calling_codes
        on left(beginnings.beginning, length(calling_codes.calling_code))
        = calling_codes.calling_code

),

stems as (

    select
        calling_code,
        coalesce(leading_digits, '') as leading_digits,
        length(coalesce(leading_digits, '')) as stem_length,
        next_digits,
        shortest,
        longest
    from ranges

),

number_beginnings as (

    select
        stems.calling_code,
        beginnings.beginning,
        stems.shortest,
        stems.longest
    from stems
    inner join beginnings
        on left(beginnings.beginning, stems.stem_length) = stems.leading_digits
        and replace(
            stems.next_digits, substr(beginnings.beginning, stems.stem_length + 1, 1), ''
        ) <> stems.next_digits

),

abroad as (

    select
        told_value,
        default_region,
        substr(digits, 2) as digits
    from numbers
    where left(digits, 1) = '+'
    union all
    select
        numbers.told_value,
        numbers.default_region,
        substr(numbers.digits, length(abroad_prefixes.item) + 1) as digits
    from numbers
    inner join abroad_prefixes
        on numbers.default_region = abroad_prefixes.region
        and left(numbers.digits, length(abroad_prefixes.item)) = abroad_prefixes.item

),

at_home as (

    select
        numbers.told_value,
        numbers.default_region,
        regions.calling_code,
        numbers.digits
    from numbers
    inner join regions
        on numbers.default_region = regions.region
    where left(numbers.digits, 1) <> '+'

),

-- Where neither + nor a prefix for abroad says a country, the number is one of the default
-- region, or one whose + is lost.
readings as (

    select
        abroad.told_value,
        abroad.default_region,
        1 as reading_rank,
        code_beginnings.calling_code,
        substr(abroad.digits, length(code_beginnings.calling_code) + 1) as digits
    from abroad
    inner join code_beginnings
        on left(abroad.digits, 3) = code_beginnings.beginning
    union all
    select
        told_value,
        default_region,
        2 as reading_rank,
        calling_code,
        digits
    from at_home
    union all
    select
        told_value,
        default_region,
        2 as reading_rank,
        calling_code,
        substr(digits, length(calling_code) + 1) as digits
    from at_home
    where left(digits, length(calling_code)) = calling_code

),

candidates as (

    select
        readings.told_value,
        readings.default_region,
        readings.reading_rank,
        readings.calling_code,
        readings.calling_code || readings.digits as reading_number,
        trunk_prefixes.trunk_prefix,
        substr(readings.digits, length(trunk_prefixes.trunk_prefix) + 1) as national_number
    from readings
    inner join trunk_prefixes
        on readings.calling_code = trunk_prefixes.calling_code
        and left(readings.digits, length(trunk_prefixes.trunk_prefix))
        = trunk_prefixes.trunk_prefix

),

-- With a trunk prefix it is read if it can be.
existing as (

    select
        candidates.told_value,
        candidates.default_region,
        candidates.reading_rank,
        candidates.calling_code,
        candidates.national_number
    from candidates
    inner join number_beginnings
        on candidates.calling_code = number_beginnings.calling_code
        and left(candidates.national_number, 3) = number_beginnings.beginning
        and length(candidates.national_number)
        between number_beginnings.shortest and number_beginnings.longest
    qualify
        row_number() over (
            partition by
                candidates.told_value, candidates.default_region, candidates.reading_number
            order by
                length(candidates.trunk_prefix) desc nulls last,
                candidates.national_number asc nulls last
        ) = 1

),

preferred as (

    select * from existing
    qualify
        reading_rank = min(reading_rank) over (partition by told_value, default_region)

),

-- Two numbers that may be meant are none.
phones as (

    select
        told_value,
        default_region,
        '+' || max(calling_code || national_number) as phone,
        max(national_number) as national_number
    from preferred
    group by told_value, default_region
    having min(calling_code || national_number) = max(calling_code || national_number)

)

select * from phones

with judged as (

    select * from {{ ref('int_pairs__judged') }}

),

compared as (

    select * from {{ ref('int_pairs__compared') }}

),

connected as (

    select * from {{ ref('int_records__connected') }}

),

rules as (

    select * from {{ ref('int_identity_rules__in_use') }}

),

attributes as (

    select * from {{ ref('int_identity_attributes__in_use') }}

),

-- Two records of different customers that something speaks for joining. What nobody can
-- place is doubtful for each customer it could be; what was decided is not.
doubtful as (

    select
        judged.own_key,
        judged.other_own_key,
        {{ sorted_list('rules.label_en', 'judged.rule_order', ', ') }} as signs_en,
        {{ sorted_list('rules.label_zh', 'judged.rule_order', '、') }} as signs_zh,
        max(judged.match_probability) as match_probability,
        max(judged.match_weight) as match_weight,
        max(judged.match_evidence) as match_evidence
    from judged
    inner join rules
        on judged.rule_code = rules.rule_code
    inner join connected
        on judged.own_key = connected.own_key
    inner join connected as partners
        on judged.other_own_key = partners.own_key
        and connected.component <> partners.component
    where
        rules.ended_on is null
        and coalesce(judged.ended_because <> 'decided_different', true)
        and (
            judged.action = 'review'
            or judged.action = 'link'
            or connected.is_anonymous
            or partners.is_anonymous
        )
        and not (judged.action = 'review' and (connected.is_guest or partners.is_guest))
    group by judged.own_key, judged.other_own_key

),

compared_in_words as (

    select
        compared.own_key,
        compared.other_own_key,
        {{ sorted_list(
            'case when compared.agrees then attributes.label_en end',
            'attributes.attribute',
            ', '
        ) }} as agreeing_en,
        {{ sorted_list(
            'case when compared.agrees then attributes.label_zh end',
            'attributes.attribute',
            '、'
        ) }} as agreeing_zh,
        {{ sorted_list(
            'case when not compared.agrees then attributes.label_en end',
            'attributes.attribute',
            ', '
        ) }} as differing_en,
        {{ sorted_list(
            'case when not compared.agrees then attributes.label_zh end',
            'attributes.attribute',
            '、'
        ) }} as differing_zh,
        sum(
            case
                when compared.agrees then attributes.agreement_weight
                else -attributes.disagreement_weight
            end
        ) as score
    from compared
    inner join attributes
        on compared.attribute = attributes.attribute
    group by compared.own_key, compared.other_own_key

),

worded as (

    select
        doubtful.own_key,
        doubtful.other_own_key,
        coalesce('agree: ' || compared_in_words.agreeing_en, doubtful.signs_en)
        || coalesce('; differ: ' || compared_in_words.differing_en, '') as evidence_en,
        coalesce('相同：' || compared_in_words.agreeing_zh, doubtful.signs_zh)
        || coalesce('；不同：' || compared_in_words.differing_zh, '') as evidence_zh,
        coalesce(compared_in_words.score, 1) as score,
        doubtful.match_probability,
        doubtful.match_weight,
        doubtful.match_evidence
    from doubtful
    left join compared_in_words
        on doubtful.own_key = compared_in_words.own_key
        and doubtful.other_own_key = compared_in_words.other_own_key
    -- More speaks against than for most families: nothing is doubtful about them.
    where coalesce(compared_in_words.score, 1) > 0 or doubtful.match_probability is not null

)

select * from worded

"""The model of probable links: how much two records must agree to be one person's.

Fellegi and Sunter's, fitted by Splink without examples. Everything here is a function
of the records that it is given: what is sampled is chosen by a hash, not by chance.
"""

import hashlib
import importlib.util
import logging
import sys
from dataclasses import dataclass
from math import log2

import duckdb

FIRST_RECORDS = 500
FIRST_PAIRS = 30
# A contact on more records than this is a desk's or a placeholder, and nobody's trait.
SHARED_BY = 10
# A key of more records than this is not looked through: a common name and birth day.
LARGEST_BLOCK = 100
SAMPLED_PAIRS = 4_000_000
TRAINED_PAIRS = 2_000_000
# Of the pairs of one person, the share that agree in name and in e-mail or phone.
EXACT_SHARE = 0.6
ROUNDS = 100
REVISIONS = 2
# What was never seen is rare, not impossible.
LEAST_M = 0.001

TRAITS = ("name", "email", "phone", "birth_date", "city")
# Two signs each; every other Chinese surname has one.
SURNAMES = (
    *("欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容"),
    *("长孙", "宇文", "司空", "令狐", "夏侯", "轩辕", "端木", "百里", "东郭", "南宫"),
    *("呼延", "独孤", "申屠", "太史", "淳于", "单于", "钟离", "澹台", "公冶", "宗政"),
)


class CannotFit(Exception):
    """The records teach nothing that may be used; the message says why."""


@dataclass(frozen=True)
class Weight:
    """How often a level is met in pairs of one person (m) and of two (u)."""

    comparison: str
    level: str
    m: float
    u: float
    match_weight: float


@dataclass(frozen=True)
class Fitted:
    """A fitted model and the pairs that it holds to be probable, both in order.

    A pair: namespace, record_id, other_namespace, other_record_id, match_probability,
    match_weight, evidence.
    """

    digest: str
    prior: float
    weights: list[Weight]
    pairs: list[tuple]


def missing() -> str:
    """What to do where the extra is not installed; empty where it is."""
    if importlib.util.find_spec("splink"):
        return ""
    return (
        "Splink is not installed, which probable links need: `make .venv/links-ready` "
        "adds the extra `links`."
    )


def records(identifiers: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """One row per record of a person: of each trait the newest value in force.

    `identifiers` has namespace, record_id, attribute, value, customer_type, is_current
    and first_told_at. A firm's record is left to the rules: who answers its mail moves.
    """
    traits = ", ".join(
        "first(value order by is_current desc nulls last, "
        f"first_told_at desc nulls last, value) "
        f"filter (attribute = '{trait}') as {trait}"
        for trait in TRAITS
    )
    return identifiers.filter(
        "namespace in ('crm', 'shop') and value is not null "
        "and coalesce(customer_type, 'person') = 'person'"
    ).aggregate(f"namespace, record_id, {traits}", "namespace, record_id")


def links(
    people: duckdb.DuckDBPyRelation,
    connection: duckdb.DuckDBPyConnection,
    least_probability: float = 0.5,
) -> Fitted:
    """Fit the model to `people` and give the pairs at least so probable.

    `people` is a relation of `connection` with namespace, record_id and any of TRAITS
    as normalised text (birth_date as 2001-12-31), one row per record. Raises CannotFit
    where there is too little to learn from, or what was learned makes no sense.
    """
    traits = [trait for trait in TRAITS if trait in people.columns]
    given = ", ".join(
        f"{trait}::varchar as {trait}"
        if trait in traits
        else f"null::varchar as {trait}"
        for trait in TRAITS
    )
    people.project(f"namespace, record_id, {given}").create("given_records")
    connection.execute(PREPARED)
    told = connection.execute(
        "select count(*), "
        + ", ".join(f"count({trait})" for trait in TRAITS)
        + " from linked_records"
    ).fetchone()
    used = [trait for trait, count in zip(TRAITS, told[1:], strict=True) if count]
    if told[0] < FIRST_RECORDS:
        raise CannotFit(
            f"Nothing was fitted: {told[0]} records tell a name, e-mail, phone or "
            f"birth date, and links are learned from {FIRST_RECORDS} on."
        )
    found, prior = fitted(connection, used)
    weights = [
        Weight(trait, level, round(m, 9), u, round(log2(m / u), 4))
        for (trait, level), (m, u) in found.items()
    ]
    return Fitted(
        digest=hashlib.sha256(repr((prior, weights)).encode()).hexdigest(),
        prior=prior,
        weights=weights,
        pairs=predicted(connection, used, prior, found, least_probability),
    )


# Each pair of records of one person is met under one of these keys, or not at all.
BLOCKS = {
    "by_email": "email",
    "by_local_part": "local_part",
    "by_phone": "phone",
    # One digit off, or two exchanged, leaves two thirds of a number as they are.
    "by_phone_without_head": "surname || '|' || phone[5:]",
    "by_phone_without_middle": "surname || '|' || phone[:4] || '|' || phone[9:]",
    "by_phone_without_tail": "surname || '|' || phone[:8]",
    "by_birth_and_phone_without_head": "birth_date || '|' || phone[5:]",
    "by_birth_and_phone_without_tail": "birth_date || '|' || phone[:8]",
    "by_birth_and_given_name": "birth_date || '|' || given_name",
    "by_birth_and_surname": "birth_date || '|' || surname",
    "by_name_and_month": "name || '|' || birth_date[:7]",
    "by_name_and_day": "name || '|' || birth_date[6:]",
    "by_name_and_year": "name || '|' || birth_date[:4] || '|' || birth_date[9:]",
}

BLOCK_COLUMNS = ", ".join(
    f"case when count(*) over (partition by {key}) <= {LARGEST_BLOCK} then {key} end "
    f"as {name}"
    for name, key in BLOCKS.items()
)

PREPARED = f"""
create table linked_records as
with told as (
    select
        namespace,
        record_id,
        nullif(trim(name), '') as written,
        nullif(lower(trim(email)), '') as email,
        nullif(regexp_replace(phone, '[^0-9]', '', 'g'), '') as phone,
        nullif(trim(birth_date), '') as birth_date,
        nullif(trim(city), '') as city
    from given_records
), named as (
    select
        *,
        regexp_matches(written, '[\\x{{4E00}}-\\x{{9FFF}}]') as is_han,
        case when is_han then regexp_replace(written, '\\s', '', 'g')
            else regexp_replace(lower(written), '\\s+', ' ', 'g') end as name,
        split_part(email, '@', 1) as local_part,
        split_part(email, '@', 2) as domain,
        regexp_replace(local_part, '[^0-9]', '', 'g') as local_digits,
        string_split(name, ' ') as words,
        case
            when not is_han then null
            when len(name) > 2 and list_contains({list(SURNAMES)!r}, name[:2]) then 2
            else 1
        end as surname_length
    from told
), parted as (
    select
        * exclude (words, surname_length, email, phone, local_part),
        case when is_han then name[:surname_length]
            when len(words) > 1 then words[-1] end as surname,
        case when is_han then nullif(name[surname_length + 1:], '')
            else words[1] end as given_name,
        case when not is_han then list_aggregate(list_sort(words), 'string_agg', ' ')
            end as sorted_name,
        case when count(*) over (partition by email) <= {SHARED_BY} then email end
            as email,
        case when count(*) over (partition by phone) <= {SHARED_BY} then phone end
            as phone,
        case when count(*) over (partition by local_part) <= {SHARED_BY}
            and len(local_part) > 3 then local_part end as local_part
    from named
    where coalesce(written, email, phone, birth_date) is not null
)
select
    row_number() over (order by namespace, record_id) as unique_id,
    *,
    -- Copies: a rule of training leaves out what compares the column that it looks at.
    local_part as seen_local_part,
    local_digits as seen_local_digits,
    given_name as seen_given_name,
    sorted_name as seen_sorted_name,
    is_han as seen_is_han,
    {BLOCK_COLUMNS}
from parted
order by namespace, record_id
"""


def nearly_same(one: str, other: str) -> str:
    """That local parts differ by a slip, not in digits: these tell namesakes apart.

    `one` and `other` are how a column of the two records is written.
    """
    part, of_other = one.format("local_part"), other.format("local_part")
    return (
        f"{one.format('local_digits')} = {other.format('local_digits')} "
        f"and least(len({part}), len({of_other})) > 5 "
        f"and damerau_levenshtein({part}, {of_other}) <= 2"
    )


# Of each trait the levels of agreement, the best first; past the last it differs.
LEVELS = {
    "name": {
        "exact": "name_l = name_r",
        "near": "sorted_name_l = sorted_name_r "
        "or not is_han_l and jaro_winkler_similarity(name_l, name_r) >= 0.92",
        "given_name": "given_name_l = given_name_r",
        "surname": "surname_l = surname_r",
    },
    "email": {
        "exact": "email_l = email_r",
        "near": "local_part_l = local_part_r "
        "and damerau_levenshtein(domain_l, domain_r) <= 2 "
        f"or domain_l = domain_r and {nearly_same('{}_l', '{}_r')}",
        "local_part": "local_part_l = local_part_r",
    },
    "phone": {
        "exact": "phone_l = phone_r",
        # Whatever is exchanged, one end of the number stays: that is cheap to look at.
        "near": "(phone_l[:5] = phone_r[:5] or phone_l[-5:] = phone_r[-5:]) "
        "and damerau_levenshtein(phone_l, phone_r) <= 1",
    },
    "birth_date": {
        "exact": "birth_date_l = birth_date_r",
        "near": "birth_date_l[:7] = birth_date_r[:7] "
        "or birth_date_l[6:] = birth_date_r[6:] "
        "or birth_date_l[:4] = birth_date_r[:4] "
        "and birth_date_l[9:] = birth_date_r[9:] "
        "or birth_date_l[:4] = birth_date_r[:4] "
        "and birth_date_l[6:7] = birth_date_r[9:] "
        "and birth_date_l[9:] = birth_date_r[6:7]",
    },
    "city": {"exact": "city_l = city_r"},
}
# Names of two scripts say nothing of each other.
INCOMPARABLE = {"name": "is_han_l <> is_han_r"}
# A frequent value speaks less: 张伟, or the first of January.
BY_FREQUENCY = {"name", "birth_date", "city"}

# A household shares a phone, twins a birth day and a surname as well. Where both given
# names are known and differ, only an e-mail that agrees can make them one person.
OTHER_PERSON = f"""
    l.seen_is_han = r.seen_is_han
    and l.seen_given_name <> r.seen_given_name
    and not (
        not l.seen_is_han
        and (
            l.seen_sorted_name = r.seen_sorted_name
            or starts_with(l.seen_given_name, r.seen_given_name)
            or starts_with(r.seen_given_name, l.seen_given_name)
            or jaro_winkler_similarity(l.seen_given_name, r.seen_given_name) >= 0.85
        )
    )
    and not coalesce(
        l.seen_local_part = r.seen_local_part
        or {nearly_same("l.seen_{}", "r.seen_{}")},
        false
    )
"""


def compared(columns: list[str]) -> str:
    """The rule that pairs records with the same values, if they may be one person's."""
    same = " and ".join(f"l.{column} = r.{column}" for column in columns)
    return f"{same} and not coalesce({OTHER_PERSON}, false)"


def settings(traits: list[str], prior: float, weights: dict) -> dict:
    """What Splink is told; `weights` has (m, u) by trait and level where known."""
    from splink import SettingsCreator

    comparisons = []
    for trait in traits:
        missing = f"{trait}_l is null or {trait}_r is null"
        if trait in INCOMPARABLE:
            missing += f" or {INCOMPARABLE[trait]}"
        levels = [
            {
                "sql_condition": missing,
                "label_for_charts": "missing",
                "is_null_level": True,
            }
        ]
        for level, condition in (LEVELS[trait] | {"differs": "else"}).items():
            said = {"sql_condition": condition, "label_for_charts": level}
            m, u = weights.get((trait, level), (None, None))
            if m is not None:
                said["m_probability"] = m
            if u is not None:
                said["u_probability"] = u
            if level == "exact" and trait in BY_FREQUENCY:
                said["tf_adjustment_column"] = trait
            levels.append(said)
        comparisons.append({"output_column_name": trait, "comparison_levels": levels})
    return SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=prior,
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[
            {"blocking_rule": compared([name]), "sql_dialect": "duckdb"}
            for name in BLOCKS
        ],
        em_convergence=0.001,
        max_iterations=ROUNDS,
        retain_intermediate_calculation_columns=True,
        linker_uid="links",
    ).create_settings_dict("duckdb")


def linker(connection: duckdb.DuckDBPyConnection, table: str, told: dict):
    """Splink on a table of the connection, quiet: what it warns of is checked here."""
    from splink import DuckDBAPI, Linker

    database = DuckDBAPI(connection)
    return Linker(database.register(table), told, log_level=logging.ERROR)


def fitted(
    connection: duckdb.DuckDBPyConnection, traits: list[str]
) -> tuple[dict, float]:
    """(m, u) by trait and level, and how probable any two records are one person's."""
    (threads,) = connection.execute("select current_setting('threads')").fetchone()
    # Sums of fractions depend on their order, and so on who adds them up.
    connection.execute("set threads = 1")
    try:
        weights = unlikely(connection, traits)
        prior = expected(connection, traits)
        weights = learned(connection, traits, prior, weights)
        for _ in range(REVISIONS):
            cleared = without_pairs_of_one(weights, prior)
            prior = borne_out(connection, traits, prior, cleared)
        return without_pairs_of_one(weights, prior), prior
    finally:
        connection.execute(f"set threads = {threads}")


def unlikely(connection: duckdb.DuckDBPyConnection, traits: list[str]) -> dict:
    """How often records drawn from all agree in each level: of two persons, mostly."""
    rows = int((2 * SAMPLED_PAIRS) ** 0.5)
    connection.execute(f"""
        create or replace temp table sampled_records as
        select * from linked_records
        order by md5(namespace || '|' || record_id), unique_id limit {rows}
    """)
    (rows,) = connection.execute("select count(*) from sampled_records").fetchone()
    pairs = rows * (rows - 1) / 2
    sampled = linker(connection, "sampled_records", settings(traits, 0.0001, {}))
    sampled.training.estimate_u_using_random_sampling(
        max_pairs=4 * SAMPLED_PAIRS, min_count_per_level=None, num_chunks=1
    )
    # Less often than once in the sample cannot be told from it.
    return {
        key: (None, max(u or 0.0, 0.5 / pairs))
        for key, (_, u) in parameters(sampled).items()
    }


def expected(connection: duckdb.DuckDBPyConnection, traits: list[str]) -> float:
    """How probable it is that two records drawn from all are one person's."""
    contacts = [trait for trait in ("email", "phone") if trait in traits]
    rules = [
        f"l.name = r.name and l.{trait} = r.{trait}"
        for trait in contacts or ["birth_date"]
        if {"name", trait} <= set(traits)
    ]
    (agreeing, records) = connection.execute(
        "select (select count(*) from ("
        + " union ".join(
            "select l.unique_id, r.unique_id as other_id from linked_records as l "
            f"inner join linked_records as r on {rule} and l.unique_id < r.unique_id"
            for rule in rules
        )
        + ")), (select count(*) from linked_records)"
        if rules
        else "select 0, 1"
    ).fetchone()
    if agreeing < FIRST_PAIRS:
        raise CannotFit(
            f"Nothing was fitted: {agreeing} pairs of records agree in name and "
            f"contact, and links are learned from {FIRST_PAIRS} on."
        )
    return min(agreeing / EXACT_SHARE / (records * (records - 1) / 2), 0.1)


def learned(
    connection: duckdb.DuckDBPyConnection,
    traits: list[str],
    prior: float,
    weights: dict,
) -> dict:
    """`weights` with m, learned from pairs that agree in one trait about the others."""
    training = linker(connection, "linked_records", settings(traits, prior, weights))
    for rule in (["email"], ["phone"], ["name", "birth_date"]):
        # Of what the pairs were chosen by they teach nothing, and so maybe of nothing.
        if not set(traits) - set(rule):
            continue
        columns = ", ".join(rule)
        (groups,) = connection.execute(
            f"select count(*) from (select 1 from linked_records where "
            f"{' and '.join(f'{column} is not null' for column in rule)} "
            f"group by {columns} having count(*) > 1)"
        ).fetchone()
        if groups < FIRST_PAIRS:
            continue
        session = training.training.estimate_parameters_using_expectation_maximisation(
            compared(rule),
            estimate_without_term_frequencies=True,
            max_pairs=TRAINED_PAIRS,
            record_sample_proportion=1.0,
        )
        if len(session._core_model_settings_history) > ROUNDS:
            raise CannotFit(
                f"Nothing was fitted: after {ROUNDS} rounds over the pairs that agree "
                f"in {columns} the weights still move."
            )
    found = {
        key: (None if m is None else max(m, LEAST_M), weights[key][1])
        for key, (m, _) in parameters(training).items()
    }
    check(found, traits)
    return {key: (m or LEAST_M, u) for key, (m, u) in found.items()}


def without_pairs_of_one(weights: dict, prior: float) -> dict:
    """`weights` with u less what pairs of one person add to it, by nine tenths at most.

    In a small company a pair drawn from all that agrees in an e-mail is one person's.
    """
    return {
        key: (m, min(max((u - prior * m) / (1 - prior), u / 10), 1.0))
        for key, (m, u) in weights.items()
    }


def borne_out(
    connection: duckdb.DuckDBPyConnection,
    traits: list[str],
    prior: float,
    weights: dict,
) -> float:
    """The prior at which the pairs that are one person's are as many as it says."""
    model = linker(connection, "linked_records", settings(traits, prior, weights))
    found = model.inference.predict(threshold_match_probability=0.001)
    (records,) = connection.execute("select count(*) from linked_records").fetchone()
    bits = log2(prior / (1 - prior))
    for _ in range(ROUNDS):
        before = prior
        (pairs,) = connection.execute(
            "select coalesce(sum(1 / (1 + pow(2.0, -(match_weight + ?)))), 0) "
            f"from {found.physical_name}",
            [log2(prior / (1 - prior)) - bits],
        ).fetchone()
        prior = min(max(pairs / (records * (records - 1) / 2), before / 2), 0.1)
        if abs(prior / before - 1) < 0.001:
            break
    return prior


def parameters(model) -> dict:
    """(m, u) by trait and level as the model holds them, null where it learned none."""
    return {
        (comparison["output_column_name"], level["label_for_charts"]): (
            level.get("m_probability"),
            level.get("u_probability"),
        )
        for comparison in model.misc.save_model_to_json()["comparisons"]
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    }


def check(found: dict, traits: list[str]) -> None:
    """Raises CannotFit where a trait tells persons apart the wrong way round."""
    for trait in traits:
        for level, is_for in (("exact", True), ("differs", False)):
            m, u = found[trait, level]
            if m is None or (m > u) != is_for:
                raise CannotFit(
                    f"Nothing was fitted: {trait} cannot be weighed from these "
                    f"records, for {level} is "
                    + ("in no pair" if m is None else f"m {m:.3g} and u {u:.3g}")
                    + " that may be one person's."
                )


def predicted(
    connection: duckdb.DuckDBPyConnection,
    traits: list[str],
    prior: float,
    weights: dict,
    least_probability: float,
) -> list[tuple]:
    """The pairs that two traits at least speak for, in order.

    One is the name or the e-mail: a household shares its phone, and twins a birth day.
    """
    model = linker(connection, "linked_records", settings(traits, prior, weights))
    found = model.inference.predict(threshold_match_probability=least_probability)
    says = {
        trait: f"case gamma_{trait} "
        + " ".join(
            f"when {len(LEVELS[trait]) - number} then '{level}'"
            for number, level in enumerate([*LEVELS[trait], "differs"])
        )
        + " end"
        for trait in traits
    }
    strength = {
        trait: f"mw_{trait}"
        + (f" + mw_tf_adj_{trait}" if trait in BY_FREQUENCY else "")
        for trait in traits
    }
    evidence = ", ".join(
        f"case when gamma_{trait} >= 0 then '{trait}=' || {says[trait]} || "
        f"format('{{:+.1f}}', {strength[trait]}) end"
        for trait in sorted(traits)
    )
    own = " or ".join(f"gamma_{t} > 0" for t in ("name", "email") if t in traits)
    agreeing = " + ".join(f"(gamma_{trait} > 0)::integer" for trait in traits)
    return connection.execute(f"""
        select
            one.namespace,
            one.record_id,
            other.namespace,
            other.record_id,
            round(match_probability, 6),
            round(match_weight, 3),
            concat_ws(';', {evidence})
        from {found.physical_name} as pairs
        inner join linked_records as one on pairs.unique_id_l = one.unique_id
        inner join linked_records as other on pairs.unique_id_r = other.unique_id
        where {agreeing} >= 2 and ({own})
        order by one.unique_id, other.unique_id
    """).fetchall()


if __name__ == "__main__":
    sys.exit(missing() or None)

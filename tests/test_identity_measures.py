"""The measures of identity: worked by hand, and against pairs listed one by one."""

from collections import Counter
from itertools import combinations

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as proofs
from hypothesis import strategies as st

from benchmarks import identity, known, pairs
from benchmarks.identity import Measured, Outcome

TRAPS = (None, "shop_phone", "same_name")
KINDS = ("main", "chain")


def judged(connection, rows) -> str:
    """A table of (entity, found, kind); an entity's number says its trap."""
    connection.execute(
        "create or replace temp table judged "
        "(entity integer, found integer, kind varchar, trap varchar)"
    )
    if rows:
        connection.executemany(
            "insert into judged values (?, ?, ?, ?)",
            [(*row, TRAPS[row[0] % len(TRAPS)]) for row in rows],
        )
    return "judged"


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        yield connection


# Truth {a b c} {d e}, found {a b} {c d e}.
BY_HAND = [(0, 1), (0, 1), (0, 2), (1, 2), (1, 2)]


def test_by_hand(connection):
    rows = [(*row, "main") for row in BY_HAND]
    found = pairs.score(connection, judged(connection, rows))
    # True: ab ac bc de. Found: ab cd ce de. Both: ab de.
    assert (found.records, found.true_pairs, found.found_pairs) == (5, 4, 4)
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    # Precision of a and b 2/2, of c 1/3, of d and e 2/3; recall 2/3, 2/3, 1/3, 1, 1.
    assert found.b3_precision == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert found.b3_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert found.b3_f1 == pytest.approx(11 / 15)


def test_everybody_alone_has_no_precision_and_everybody_one_has_all_recall(connection):
    alone = [(at // 2, at, "main") for at in range(6)]
    found = pairs.score(connection, judged(connection, alone))
    assert (found.precision, found.recall, found.f1) == (None, 0, None)
    assert (found.b3_precision, found.b3_recall) == (1, 0.5)
    together = [(at // 2, 0, "main") for at in range(6)]
    found = pairs.score(connection, judged(connection, together))
    assert (found.precision, found.recall) == (3 / 15, 1)
    assert (found.b3_precision, found.b3_recall) == (pytest.approx(1 / 3), 1)


def test_of_no_records_nothing_is_measured(connection):
    found = pairs.score(connection, judged(connection, []))
    assert found == pairs.Score(0, 0, 0, 0, None, None)
    assert (found.precision, found.recall, found.f1, found.b3_f1) == (None,) * 4


def test_half_a_million_pairs_are_counted_without_listing_them(connection):
    connection.execute(
        "create or replace temp table judged as select range as entity, 0 as found, "
        "'main' as kind, 'shop_phone' as trap from range(1000000)"
    )
    found = pairs.score(connection, "judged")
    assert (found.found_pairs, found.right_pairs) == (499_999_500_000, 0)
    (trap,) = pairs.traps(connection, "judged")
    assert trap == pairs.Trap("shop_phone", 1_000_000, 1_000_000, 499_999_500_000)


records = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from(KINDS)),
    max_size=14,
)


@proofs(max_examples=150)
@given(records)
def test_counted_pairs_are_those_that_one_would_list(connection, rows):
    table = judged(connection, rows)
    both = list(combinations(rows, 2))
    true = [pair for pair in both if pair[0][0] == pair[1][0]]
    found = [pair for pair in both if pair[0][1] == pair[1][1]]
    right = [pair for pair in true if pair[0][1] == pair[1][1]]
    score = pairs.score(connection, table)
    assert (score.true_pairs, score.found_pairs, score.right_pairs) == (
        len(true),
        len(found),
        len(right),
    )
    if rows:
        shares = [
            (
                sum(other[:2] == row[:2] for other in rows),
                sum(other[1] == row[1] for other in rows),
                sum(other[0] == row[0] for other in rows),
            )
            for row in rows
        ]
        n = len(rows)
        assert score.b3_precision == pytest.approx(sum(s / f for s, f, _ in shares) / n)
        assert score.b3_recall == pytest.approx(sum(s / t for s, _, t in shares) / n)

    for kind in pairs.kinds(connection, table):
        within = [p for p in true if p[0][2] == p[1][2] == kind.kind]
        across = [p for p in true if (p[0][2] == kind.kind) != (p[1][2] == kind.kind)]
        assert kind == pairs.Kind(
            kind.kind,
            sum(row[2] == kind.kind for row in rows),
            len(within),
            sum(p in right for p in within),
            len(across),
            sum(p in right for p in across),
        )

    wrong = [pair for pair in found if pair[0][0] != pair[1][0]]
    counted = {trap.trap: trap for trap in pairs.traps(connection, table)}
    assert counted.keys() == {TRAPS[row[0] % 3] or "" for row in rows}
    expected: Counter = Counter()
    for one, other in wrong:
        either = {TRAPS[one[0] % 3] or "", TRAPS[other[0] % 3] or ""}
        expected.update(either - {""} or either)
    for name, trap in counted.items():
        caught = {row[0] for row in rows if (TRAPS[row[0] % 3] or "") == name}
        merged = {row[0] for pair in wrong for row in pair} & caught
        assert trap == pairs.Trap(name, len(caught), len(merged), expected[name])


def test_labels_say_how_many_of_the_looked_at_pairs_were_found(connection):
    connection.execute(
        "create or replace temp table labels as from (values "
        "(true, true), (true, false), (true, false), (false, true), (false, false)"
        ") as labels (is_same, is_found)"
    )
    assert pairs.labelled(connection, "labels") == (5, 3, 2, 1)


# --- the page ------------------------------------------------------------------------


def company(right: int, title: str = "Ordinary company") -> Measured:
    """A thousand twins of which so many are found, and one false merge."""
    score = pairs.Score(2000, 1000, right + 1, right, 0.9, 0.8)
    kinds = [pairs.Kind("chain", 1000, 0, 0, 1000, right)]
    traps = [pairs.Trap("", 990, 0, 0), pairs.Trap("same_name", 10, 2, 1)]
    scores = {title: score}
    return Measured(2000, 0, scores, kinds, traps, None)


def page(*outcomes: Outcome, why: str = "") -> str:
    return identity.told(list(outcomes), why, 1000)


ORDINARY = known.generated("ordinary", "Ordinary company", 1000)


def test_the_page_tells_what_each_trap_did_and_what_each_kind_lost():
    told = page(Outcome(ORDINARY, company(500), company(900)))
    assert "| `same_name` | the name of somebody else, nothing more | 10 | 2 | 1 |" in (
        told
    )
    assert "| 1,000 | 50.0 % | 90.0 % |" in told
    assert "2 of 1,000 customers share a customer with somebody else's record" in told


def test_what_was_not_measured_is_empty_and_says_why():
    absent = Outcome(known.FEBRL, None, None, "it is not beside this checkout")
    told = page(Outcome(ORDINARY, company(500), None), absent, why="there is none")
    assert "Rules and Splink: not measured, there is none." in told
    assert "Febrl data set 1: it is not beside this checkout." in told
    assert f"| Ordinary company | {identity.LINKS} |{' – |' * 9}" in told
    assert "not measured" not in page(Outcome(ORDINARY, company(500), company(900)))


def test_only_all_is_a_hundred_percent():
    assert identity.percent(99_999, 100_000) == "99.9 %"
    assert identity.percent(7, 7) == "100 %"
    assert identity.percent(0, 0) == "–"


def test_every_kind_and_trap_of_the_generator_has_its_words():
    steps = known.PROJECT / "seeds" / "generator" / "sql" / "08_records.sql"
    text = steps.read_text("utf-8")
    assert all(f"'{kind}'" in text for kind in {*identity.KINDS} - {"unbridged"})
    assert all(f"'{trap}'" in text for trap in identity.TRAPS if trap)

"""How good a grouping of records is where the truth is known: functions of a table.

Each reads `judged`, a table or view with one row per record: `entity`, whose record it
truly is, and `found`, the customer that it was given to; some also `kind` and `trap`.
Pairs are counted, never listed: n records of a group make n (n - 1) / 2 of them, so a
thousand records with one phone cost a sum and not half a million rows.
"""

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Score:
    """Pairwise and B³ measures of one grouping; None where there is nothing to measure.

    A *pair* is two records. `true_pairs` are of one entity, `found_pairs` were given to
    one customer, `right_pairs` are both. Precision is the share of the found pairs that
    are right, recall the share of the true pairs that were found: large groups weigh
    by their square.

    B³ (Bagga & Baldwin 1998, "Algorithms for scoring coreference chains") weighs every
    record alike: its precision is the share of its own entity among the records of its
    customer, its recall the share of its customer among the records of its entity, both
    with the record itself, and the measure is the mean over all records.
    """

    records: int
    true_pairs: int
    found_pairs: int
    right_pairs: int
    b3_precision: float | None
    b3_recall: float | None

    @property
    def precision(self) -> float | None:
        return share(self.right_pairs, self.found_pairs)

    @property
    def recall(self) -> float | None:
        return share(self.right_pairs, self.true_pairs)

    @property
    def f1(self) -> float | None:
        return harmonic(self.precision, self.recall)

    @property
    def b3_f1(self) -> float | None:
        return harmonic(self.b3_precision, self.b3_recall)


@dataclass(frozen=True)
class Kind:
    """Records of one kind: pairs among those of an entity, and with its other ones."""

    kind: str
    records: int
    own_pairs: int
    own_right_pairs: int
    other_pairs: int
    other_right_pairs: int


@dataclass(frozen=True)
class Trap:
    """Entities that only look like others; '' for all who are in no trap.

    `merged` are those of which a record was given to a customer who has another
    entity's too; `false_pairs` are the pairs of two entities' records found with one of
    theirs. A pair from two traps counts under each.
    """

    trap: str
    entities: int
    merged: int
    false_pairs: int


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def harmonic(precision: float | None, recall: float | None) -> float | None:
    """The F1 of the two."""
    if precision is None or recall is None:
        return None
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def score(connection: duckdb.DuckDBPyConnection, judged: str) -> Score:
    """The measures of a grouping, from the sizes of its cells, rows and columns."""
    row = connection.execute(f"""
        with cells as (
            select entity, found, count(*) as n from {judged} group by entity, found
        ),
        entities as (select entity, sum(n) as n from cells group by entity),
        customers as (select found, sum(n) as n from cells group by found)
        select
            coalesce((select sum(n) from cells), 0),
            coalesce((select sum(n * (n - 1) // 2) from entities), 0),
            coalesce((select sum(n * (n - 1) // 2) from customers), 0),
            coalesce((select sum(n * (n - 1) // 2) from cells), 0),
            (
                select sum(cells.n * cells.n / customers.n) / sum(cells.n)
                from cells inner join customers using (found)
            ),
            (
                select sum(cells.n * cells.n / entities.n) / sum(cells.n)
                from cells inner join entities using (entity)
            )
    """).fetchone()
    return Score(*(int(count) for count in row[:4]), *row[4:])


def kinds(connection: duckdb.DuckDBPyConnection, judged: str) -> list[Kind]:
    """Of each kind of record, how many of the pairs that it makes were found."""
    rows = connection.execute(f"""
        with cells as (
            select entity, found, kind, count(*) as of_kind
            from {judged} group by entity, found, kind
        ),
        found_cells as (
            select *, sum(of_kind) over (partition by entity, found) as n from cells
        ),
        true_cells as (
            select *, sum(of_kind) over (partition by entity) as n
            from (
                select entity, kind, sum(of_kind) as of_kind
                from cells group by entity, kind
            )
        ),
        were_found as (
            select
                kind,
                sum(of_kind * (of_kind - 1) // 2) as own_pairs,
                sum(of_kind * (n - of_kind)) as other_pairs
            from found_cells group by kind
        )
        select
            kind,
            sum(of_kind),
            sum(of_kind * (of_kind - 1) // 2),
            any_value(were_found.own_pairs),
            sum(of_kind * (n - of_kind)),
            any_value(were_found.other_pairs)
        from true_cells
        inner join were_found using (kind)
        group by kind
        order by kind
    """).fetchall()
    return [Kind(kind, *map(int, counts)) for kind, *counts in rows]


def traps(connection: duckdb.DuckDBPyConnection, judged: str) -> list[Trap]:
    """What each trap did; `trap` is one value of an entity's records, null for none."""
    rows = connection.execute(f"""
        with cells as (
            select entity, found, coalesce(max(trap), '') as trap, count(*) as n
            from {judged} group by entity, found
        ),
        totals as (
            select *, sum(n) over (partition by found) as total from cells
        ),
        -- What is within one entity is right; pairs of a customer's records of which
        -- none is in this trap are another trap's.
        by_customer as (
            select
                trap,
                found,
                any_value(total) as total,
                sum(n) as trapped,
                sum(n * (n - 1) // 2) as right_pairs
            from totals group by trap, found
        ),
        false_pairs as (
            select
                trap,
                sum(
                    trapped * (trapped - 1) // 2 - right_pairs
                    + case when trap = '' then 0 else trapped * (total - trapped) end
                ) as false_pairs
            from by_customer group by trap
        )
        select
            trap,
            count(distinct entity),
            count(distinct entity) filter (total > n),
            any_value(false_pairs)
        from totals
        inner join false_pairs using (trap)
        group by trap
        order by trap
    """).fetchall()
    return [Trap(trap, *map(int, counts)) for trap, *counts in rows]


def labelled(
    connection: duckdb.DuckDBPyConnection, labels: str
) -> tuple[int, int, int, int]:
    """Of pairs labelled by hand: how many, of one entity, found, and both.

    `labels` has one row per pair, `is_same` and `is_found`; unlike `score` it says
    nothing of pairs that nobody looked at.
    """
    return connection.execute(f"""
        select
            count(*),
            count(*) filter (is_same),
            count(*) filter (is_found),
            count(*) filter (is_same and is_found)
        from {labels}
    """).fetchone()

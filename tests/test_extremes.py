"""No value that a row may have stops a night, however odd what is then told of it.

Of every feed and column, by what its contract says of it: a new column is under it by
existing. Sums of one customer have room for 99 of the largest amounts: so many rows no
customer here has.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

import companies
import pytest
from companies import Builder, Warehouse

from benchmarks import bare
from orchestration.formats import literal, quoted

# Where a column names no other bounds.
GREATEST = {"integer": 10**9, "decimal": 10**12, "money": 10**12, "quantity": 10**12}
# Characters of four bytes, of SQL, of patterns and of our own separators, at length.
ODD_TEXT = "𠮷\"';--\n%s{value}?|\x1e\x1f\\" * 200


@dataclass(frozen=True)
class Odd:
    """How a company's rows are made odd: which of the least and greatest numbers, in
    one of how many cells, and whether times are the earliest, and texts odd."""

    numbers: str
    one_in: int
    is_early: bool = False

    def __str__(self) -> str:
        return f"{self.numbers} numbers in one of {self.one_in}" + (
            ", earliest times and odd texts" if self.is_early else ""
        )


def queries(project: bare.Project, odd: Odd) -> dict[str, str]:
    """By raw table, its rows with other values; a line that is none stays none."""
    changed = {}
    for table, contract in companies.contracts(project).items():
        if contract["source"] == "tierkeeper":
            continue  # what we keep ourselves
        cells = [
            f"case when _unparsed_line is null then {value} "
            f"else {quoted(name)} end as {quoted(name)}"
            for name, value in others(contract, odd)
        ]
        if cells:
            changed[table] = f"select * replace ({', '.join(cells)}) from raw.{table}"
    return changed


def others(contract: dict, odd: Odd) -> Iterator[tuple[str, str]]:
    """(column, SQL of what its cell holds instead); keys stay."""
    for column in contract["columns"]:
        name = column["name"]
        drawn = f"hash(_batch || _row_number || {literal(name)})"
        told = f"else {quoted(name)} end"
        if name in contract["key"]:
            continue
        if column["type"] in GREATEST:
            least, most = bounds(column)
            yield (
                name,
                f"case {drawn} % {odd.one_in} "
                f"when 0 then '{least if odd.numbers == 'least' else most}' "
                f"when 1 then '{most if odd.numbers == 'greatest' else least}' {told}",
            )
        elif odd.is_early and name == "updated_at":  # which counts as empty
            yield name, f"case when {drawn} % 9 = 0 then '1900-01-01' {told}"
        elif odd.is_early and name in moments(contract):
            # 1970-01-01 itself stands for no day.
            first = f"{column.get('first_year', 1970)}-01-02"
            yield name, f"case when {drawn} % 50 = 0 then '{first}' {told}"
        elif odd.is_early and column["type"] == "text":
            yield (
                name,
                f"case when {drawn} % {odd.one_in} = 0 then {literal(ODD_TEXT)} {told}",
            )


def moments(contract: dict) -> set[str]:
    """The columns with a time that places a row."""
    later = {column.get("later", {}).get("at") for column in contract["columns"]}
    return later | {contract.get("event"), contract.get("done")}


def beyond(project: bare.Project) -> dict[str, str]:
    """By raw table, its rows, each with one number above the greatest."""
    changed = {}
    for table, contract in companies.contracts(project).items():
        numbers = [
            (column["name"], bounds(column)[1])
            for column in contract["columns"]
            if column["type"] in GREATEST and column["name"] not in contract["key"]
        ]
        cells = [
            f"case when place % {len(numbers)} = {number} and _unparsed_line is null "
            f"then '{Decimal(greatest) + 1}' else {quoted(name)} end as {quoted(name)}"
            for number, (name, greatest) in enumerate(numbers)
        ]
        if contract["source"] != "tierkeeper" and numbers:
            placed = (
                "select row_number() over (order by _batch, _row_number) as place, * "
                f"from raw.{table}"
            )
            changed[table] = (
                f"select * exclude (place) replace ({', '.join(cells)}) from ({placed})"
            )
    return changed


def bounds(column: dict) -> list[str]:
    """The least and the greatest value, with as many decimal places as there may be."""
    most = GREATEST[column["type"]]
    given = {"min": -most, "max": most, **column.get("range", {})}
    if column["type"] == "integer":
        return [str(given["min"]), str(given["max"])]
    step = Decimal("0.0001")
    return [str(given["min"] and given["min"] + step), str(given["max"] - step)]


def shuffled(warehouse: Warehouse, one_in: int) -> dict[str, str]:
    """By raw table, its rows with cells of other rows: any cell with any other."""
    changed = {}
    for table, contract in companies.contracts(warehouse.project).items():
        drawn = [
            quoted(column["name"])
            for column in contract["columns"]
            if column["name"] not in contract["key"]
        ]
        if contract["source"] == "tierkeeper" or not drawn:
            continue
        where = "where _unparsed_line is null"
        place = "row_number() over (order by _batch, _row_number)"
        warehouse.connection.execute(
            f"create temp table parsed_{table} as "
            f"select {place} as place, * from raw.{table} {where}"
        )
        cells = [
            f"case when hash(told._batch || told._row_number || '{name}') "
            f"% {one_in} = 0 then cells_{number}.{name} else told.{name} end as {name}"
            for number, name in enumerate(drawn)
        ]
        others = [
            f"left join parsed_{table} as cells_{number} on cells_{number}.place = 1 + "
            f"hash('{name}' || told._row_number || told._batch) "
            f"% (select count(*) from parsed_{table})"
            for number, name in enumerate(drawn)
        ]
        changed[table] = (
            f"select told.* exclude (place) replace ({', '.join(cells)}) "
            f"from parsed_{table} as told {' '.join(others)} union all by name "
            f"from raw.{table} where _unparsed_line is not null"
        )
    return changed


def emptied(project: bare.Project, one_in: int) -> dict[str, str]:
    """By raw table, its rows without what they need not have."""
    changed = {}
    for table, contract in companies.contracts(project).items():
        cells = [
            f"case when hash(_batch || _row_number || {literal(column['name'])}) "
            f"% {one_in} <> 0 then {quoted(column['name'])} end "
            f"as {quoted(column['name'])}"
            for column in contract["columns"]
            if column["name"] not in contract["key"] and not column.get("required")
        ]
        if contract["source"] != "tierkeeper" and cells:
            changed[table] = f"select * replace ({', '.join(cells)}) from raw.{table}"
    return changed


def late_cancellations(table: str) -> str:
    """Orders are called off: of some customers all on one day, of some each much later,
    of some soon; and some bought again in between, or did not."""
    day = "try_cast(left(ordered_at, 10) as date)"
    drawn = "hash(source_customer_id) % 5"
    off = (
        f"_unparsed_line is null and {drawn} < 4 "
        f"and ({drawn} <> 0 or ordered_at < '2025-12')"
    )
    called_off = (
        f"least(date '2026-06-20', case {drawn} when 0 then date '2026-06-20' "
        f"when 1 then {day} + 100 + cast(hash(order_id) % 200 as integer) "
        f"when 2 then {day} + cast(hash(order_id) % 20 as integer) "
        f"else greatest({day}, date '2026-04-03') end)"
    )
    return (
        "select * replace ("
        f"case when {off} then 'cancelled' else status end as status, "
        f"case when {off} then cast({called_off} as varchar) else cancelled_at end "
        f"as cancelled_at) from raw.{table}"
    )


@contextmanager
def opened(builder: Builder, name: str, mart: str = "") -> Iterator[Warehouse]:
    """A company's warehouse with its raw; of its models all, or those up to a mart."""
    project = builder.project
    if mart:
        project = companies.upstream(project, mart)
    warehouse = Warehouse(project, builder.company(name).settings)
    try:
        warehouse.prepare()
        yield warehouse
    finally:
        warehouse.close()


def quarantined(warehouse: Warehouse) -> dict[tuple[str, str, str], int]:
    """{(feed, column, rule): rows}."""
    return {
        tuple(row[:-1]): row[-1]
        for row in warehouse.connection.execute(
            f"select feed, column_name, rule, count(*) "
            f"from {bare.MARTS}.quality.quarantined_rows group by all"
        ).fetchall()
    }


def count_of(warehouse: Warehouse, mart: str) -> int:
    return warehouse.connection.execute(
        f"select count(*) from {bare.MARTS}.marts.{mart}"
    ).fetchone()[0]


def failing(warehouse: Warehouse) -> dict[str, list]:
    """The tests that would stop the night, with the first rows of each."""
    found = {
        name: warehouse.connection.execute(sql).fetchmany(3)
        for name, sql in warehouse.project.tests.items()
        # Companies of tests are given a fit, of which their few customers would say at
        # once that it was made of too few.
        if "is_fitted" not in name
    }
    return {name: rows for name, rows in found.items() if rows}


ODD = [
    pytest.param("by_hand", Odd("greatest", 1)),
    pytest.param("by_hand", Odd("least", 1), marks=pytest.mark.long),
    pytest.param("by_hand", Odd("both", 40, is_early=True), marks=pytest.mark.long),
    pytest.param("generated", Odd("greatest", 1), marks=pytest.mark.long),
    pytest.param("generated", Odd("both", 4), marks=pytest.mark.long),
    pytest.param("generated", Odd("both", 40, is_early=True)),
    pytest.param("retailer", Odd("both", 5, is_early=True), marks=pytest.mark.long),
    pytest.param("contractors", Odd("both", 3, is_early=True), marks=pytest.mark.long),
]


@pytest.mark.parametrize(("name", "odd"), ODD, ids=str)
def test_a_night_with_the_largest_and_the_earliest_values_that_rows_may_have_ends(
    builder, name, odd
):
    with opened(builder, name, "quarantined_rows") as as_told:
        as_told.run_models(full=True)
        before = quarantined(as_told)
    with opened(builder, name) as warehouse:
        warehouse.replace_raw(queries(builder.project, odd))
        warehouse.run_models(full=True)
        assert failing(warehouse) == {}
        # They were taken, not set aside: no more is quarantined than was before.
        assert {
            where: count
            for where, count in quarantined(warehouse).items()
            if count > before.get(where, 0)
        } == {}


@pytest.mark.parametrize("name", ["by_hand", "generated", "retailer", "contractors"])
def test_every_number_above_the_greatest_is_set_aside(builder, name):
    with opened(builder, name, "quarantined_rows") as as_told:
        as_told.run_models(full=True)
        before = quarantined(as_told)
    with opened(builder, name, "quarantined_rows") as warehouse:
        changed = beyond(builder.project)
        warehouse.replace_raw(changed)
        told = {
            (contract["feed"], column["name"])
            for table, contract in companies.contracts(builder.project).items()
            for column in contract["columns"]
            if table in changed
            and column["type"] in GREATEST
            and column["name"] not in contract["key"]
            and warehouse.connection.execute(
                f"select count(*) > 9 from raw.{table}"
            ).fetchone()[0]
        }
        warehouse.run_models(full=True)
        assert told
        assert {
            (feed, column)
            for (feed, column, rule), count in quarantined(warehouse).items()
            if rule.startswith(("between ", "integer"))  # of too many digits
            and count > before.get((feed, column, rule), 0)
        } >= told


@pytest.mark.parametrize("name", ["generated", "by_hand"])
def test_a_night_in_which_orders_are_called_off_long_after_a_loss_ends(builder, name):
    with opened(builder, name) as warehouse:
        warehouse.replace_raw({"shop_orders": late_cancellations("shop_orders")})
        warehouse.run_models(full=True)
        assert failing(warehouse) == {}
        (still_lost,) = warehouse.connection.execute(
            f"select count(*) from {bare.MARTS}.marts.lost_customers as lost "
            f"anti join {bare.MARTS}.marts.orders as orders "
            "on lost.customer_key = orders.customer_key and counts_as_purchase "
            "where purchase_day_count > 0"
        ).fetchone()
        assert still_lost > 0, "of none of the lost were all orders called off"


@pytest.mark.parametrize(
    ("name", "one_in"),
    [
        ("by_hand", 1),
        *(
            pytest.param(name, one_in, marks=pytest.mark.long)
            for name, one_in in [
                ("by_hand", 4),
                ("generated", 1),
                ("generated", 4),
                ("retailer", 2),
                ("contractors", 2),
            ]
        ),
    ],
)
def test_a_night_with_rows_that_contradict_themselves_ends(builder, name, one_in):
    with opened(builder, name) as warehouse:
        warehouse.replace_raw(shuffled(warehouse, one_in))
        warehouse.run_models(full=True)
        assert failing(warehouse) == {}
        assert count_of(warehouse, "customers") > 0


@pytest.mark.parametrize(
    ("name", "one_in"),
    [
        ("generated", 3),
        *(
            pytest.param(name, one_in, marks=pytest.mark.long)
            for name, one_in in [("by_hand", 1), ("generated", 1), ("contractors", 2)]
        ),
    ],
)
def test_a_night_without_what_rows_need_not_have_ends(builder, name, one_in):
    with opened(builder, name) as warehouse:
        warehouse.replace_raw(emptied(builder.project, one_in))
        warehouse.run_models(full=True)
        assert failing(warehouse) == {}
        assert count_of(warehouse, "customers") > 0

"""No value that a row may have stops a night, however odd what is then told of it.

Of every feed and column, by what its contract says of it: a new column is under it by
existing. What is beyond these values is set aside by staging, as its unit tests say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import companies
import pytest
from companies import Warehouse

from benchmarks import bare
from orchestration.formats import literal, quoted

# Where a column names no other bounds.
GREATEST = {"integer": 10**9, "decimal": 10**12, "money": 10**12, "quantity": 10**12}
FIRST_DAY = "1970-01-01"
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
        elif odd.is_early and name == contract.get("event"):
            yield name, f"case when {drawn} % 50 = 0 then '{FIRST_DAY}' {told}"
        elif odd.is_early and column["type"] == "text":
            yield (
                name,
                f"case when {drawn} % {odd.one_in} = 0 then {literal(ODD_TEXT)} {told}",
            )


def bounds(column: dict) -> list[str]:
    """The least and the greatest value, with as many decimal places as there may be."""
    most = GREATEST[column["type"]]
    given = {"min": -most, "max": most, **column.get("range", {})}
    if column["type"] == "integer":
        return [str(given["min"]), str(given["max"])]
    step = Decimal("0.0001")
    return [str(given["min"] and given["min"] + step), str(given["max"] - step)]


def late_cancellations(table: str) -> str:
    """Of every third customer, what was bought by November is called off in June."""
    off = (
        "_unparsed_line is null and hash(source_customer_id) % 3 = 0 "
        "and ordered_at < '2025-12'"
    )
    return (
        "select * replace ("
        f"case when {off} then 'cancelled' else status end as status, "
        f"case when {off} then '2026-06-20' else cancelled_at end as cancelled_at) "
        f"from raw.{table}"
    )


def quarantined(warehouse: Warehouse) -> dict[tuple[str, str, str], int]:
    """{(feed, column, rule): rows}."""
    return {
        tuple(row[:-1]): row[-1]
        for row in warehouse.connection.execute(
            f"select feed, column_name, rule, count(*) "
            f"from {bare.MARTS}.quality.quarantined_rows group by all"
        ).fetchall()
    }


def failing(warehouse: Warehouse, data_tests: dict[str, str]) -> dict[str, list]:
    """The tests that would stop the night, with the first rows of each."""
    found = {
        name: warehouse.connection.execute(sql).fetchmany(3)
        for name, sql in data_tests.items()
        # Of a model fitted to as many as a company has that is small enough for a test.
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
    builder, data_tests, name, odd
):
    company = builder.company(name)
    as_told = builder.warehouse(company.settings)
    warehouse = builder.warehouse(company.settings)
    try:
        as_told.prepare()
        warehouse.prepare()
        warehouse.replace_raw(queries(builder.project, odd))
        warehouse.run_models(full=True)
        assert failing(warehouse, data_tests) == {}
        # They were taken, not set aside: nothing is quarantined that was not before.
        as_told.run_models(full=True)
        assert set(quarantined(warehouse)) <= set(quarantined(as_told))
    finally:
        warehouse.close()
        as_told.close()


def test_a_night_in_which_orders_are_called_off_long_after_a_loss_ends(
    builder, data_tests
):
    company = builder.company("generated")
    warehouse = builder.warehouse(company.settings)
    try:
        warehouse.prepare()
        warehouse.replace_raw({"shop_orders": late_cancellations("shop_orders")})
        warehouse.run_models(full=True)
        assert failing(warehouse, data_tests) == {}
        (unsaid,) = warehouse.connection.execute(
            f"select count(*) from {bare.MARTS}.marts.lost_customers as lost "
            f"anti join {bare.MARTS}.marts.orders as orders "
            "on lost.customer_key = orders.customer_key and counts_as_purchase"
        ).fetchone()
        assert unsaid > 0, "of none of the lost were all orders called off"
    finally:
        warehouse.close()

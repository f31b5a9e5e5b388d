"""From a World to a company in a DuckDB file: the steps of sql/, in order."""

from pathlib import Path

import duckdb

from seeds.generator.world import World, macros

HERE = Path(__file__).parent
# Orders are made for so many customers at a time: a window over all of them at once
# would need several gigabytes.
CHUNK = 100_000


def make(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Create every table of the company, and the views that export them."""
    connection.execute(macros(world))
    for step in sorted((HERE / "sql").glob("*.sql")):
        connection.execute(step.read_text("utf-8"))
        if step.stem == "07_orders":
            make_orders(connection, world)
    for step in sorted((HERE / "exports").glob("*.sql")):
        connection.execute(step.read_text("utf-8"))


def make_orders(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    target = "create table orders as"
    for first in range(1, world.customers + 1, CHUNK):
        last = first + CHUNK - 1
        connection.execute(f"{target} select * from orders_of({first}, {last})")
        target = "insert into orders"

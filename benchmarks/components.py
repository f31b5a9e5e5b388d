"""Connected components without dbt: the loop of the materialization, and its cost."""

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

from engines.rendering import render
from orchestration.formats import literal

Keep = Callable[[str], str]

THREADS = 2
# Records as a firm's are: two in three are an account and its CRM record, one customer
# in 25 has a second record, one in 75 a third, and a chain is a thousandth of all.
EDGES = """
    with linked as (
        select 'crm' || number as one, 'shop' || number as other
        from range({records} // 2) as numbers(number)
        where number % 3 > 0
        union all
        select 'crm' || number, 'crm' || number + 1
        from range({records} // 2) as numbers(number)
        where number % 25 = 0
        union all
        select 'crm' || number + 1, 'crm' || number + 2
        from range({records} // 2) as numbers(number)
        where number % 75 = 0
        union all
        select 'chain' || number, 'chain' || number + 1
        from range({records} // 1000) as numbers(number)
    )
    select
        md5(one) as left_key, md5(other) as right_key,
        cast(1 as decimal(6, 4)) as confidence, false as is_apart
    from linked
"""


def measure(records: int, memory_limit: str) -> dict:
    """What the components of so many records cost on two threads, in this process.

    Seconds, most megabytes held, edges, components and the size of the largest.
    """
    with (
        tempfile.TemporaryDirectory(prefix="tierkeeper-") as folder,
        duckdb.connect(f"{folder}/components.duckdb") as connection,
    ):
        connection.execute(f"set threads = {THREADS}")
        connection.execute(f"set memory_limit = {literal(memory_limit)}")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"create table given as {EDGES.format(records=records)}")
        sql("no_components")  # what renders the macros is loaded once, and is no cost
        started = time.perf_counter()
        connect(connection, "given", "found")
        seconds = time.perf_counter() - started
        (edges,) = connection.execute("select count(*) from given").fetchone()
        count, largest = connection.execute(
            "select count(*), max(size) from "
            "(select count(*) as size from found group by component)"
        ).fetchone()
        return {
            "records": records,
            "edges": edges,
            "components": count,
            "largest": largest,
            "seconds": round(seconds, 1),
            "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            // 1024,
        }


def connect(connection: duckdb.DuckDBPyConnection, given: str, into: str) -> None:
    """Make the table `into` (node, component, is_cut) of the edges in table `given`.

    `given` has left_key, right_key, confidence and is_apart: pairs that may not end in
    one component, whose weakest edges are cut if they would. The materialization
    `components` does the same in dbt, with the macros that are rendered here, and has
    the reasons.
    """
    with steps(connection) as keep:
        found = whole(connection, keep, given)
        connection.execute(f"create or replace table {into} as from {found}")


@contextmanager
def steps(connection: duckdb.DuckDBPyConnection) -> Iterator[Keep]:
    """A way to keep what a query selects under a name of its own, until the end."""
    names = []

    def keep(query: str) -> str:
        name = f"step_{len(names)}"
        connection.execute(f"create or replace temp table {name} as {query}")
        names.append(name)
        return name

    yield keep
    for name in names:
        connection.execute(f"drop table {name}")


def whole(connection: duckdb.DuckDBPyConnection, keep: Keep, given: str) -> str:
    components = connected(connection, keep, keep(sql("links_of", given)))
    torn = keep(sql("torn_components", given, components))
    if not has_rows(connection, torn):
        return components
    cut = keep(sql("cut_edges", given, components, torn))
    mended = whole(connection, keep, cut)
    return keep(sql("mended_components", components, torn, mended))


def connected(connection: duckdb.DuckDBPyConnection, keep: Keep, edges: str) -> str:
    rounds = []
    while has_rows(connection, edges):
        rounds.append(keep(sql("representatives", edges)))
        edges = keep(sql("contracted_edges", edges, rounds[-1]))
    components = keep(sql("no_components"))
    for representatives in reversed(rounds):
        components = keep(sql("composed_components", representatives, components))
    return components


def has_rows(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute(f"select 1 from {table} limit 1")
    return found.fetchone() is not None


def sql(macro: str, *tables: str) -> str:
    named = ", ".join(f"'{table}'" for table in tables)
    return render(f"{{{{ {macro}({named}) }}}}", "duckdb")

"""Connected components without dbt: the loop of the materialization, and its SQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

from engines.rendering import render

Keep = Callable[[str], str]


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

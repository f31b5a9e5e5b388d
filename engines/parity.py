"""Every mart of one engine against the other's, row by row and cell by cell."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.formats import literal, quoted

SCHEMAS = ("marts", "quality")
# Doubles may differ by the order in which they were added up, and by no more.
TOLERANCE = 1e-9
KEY_TESTS = ("unique", "unique_together")


@dataclass(frozen=True)
class Difference:
    """What is not the same in a mart: one sentence, and how many rows it holds for."""

    mart: str
    sentence: str
    rows: int


@dataclass(frozen=True)
class Mart:
    """A mart as dbt's manifest tells of it; one of a single row needs no `key`."""

    schema: str
    name: str
    key: tuple[str, ...]

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"


def marts(manifest: dict) -> list[Mart]:
    """All marts with the keys that dbt tests; a new one is compared by existing.

    Raises ValueError for a mart of which no key is tested.
    """
    keys: dict[str, tuple[str, ...]] = {}
    for test in manifest["nodes"].values():
        about = test.get("test_metadata") or {}
        if test["resource_type"] == "test" and about.get("name") in KEY_TESTS:
            given = about["kwargs"]
            columns = given.get("columns") or [given["column_name"]]
            keys.setdefault(test["attached_node"], tuple(columns))
    found = []
    for unique_id, node in sorted(manifest["nodes"].items()):
        if node["resource_type"] == "model" and node["schema"] in SCHEMAS:
            if unique_id not in keys and not node["description"].startswith("One row,"):
                raise ValueError(f"{node['name']} has no tested key to compare it by.")
            found.append(Mart(node["schema"], node["name"], keys.get(unique_id, ())))
    return found


def compare(manifest: Path, database: Path, warehouse: Path) -> list[Difference]:
    """What differs between DuckDB's file of marts and Spark's folder of tables.

    Texts, dates, times, decimals, whole numbers and NULLs must be equal, doubles within
    1e-9 of the larger; a key that only one of them has is a difference.
    """
    found = []
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {literal(str(database))} as duck (read_only)")
        for mart in marts(json.loads(manifest.read_text("utf-8"))):
            found += differences(connection, mart, warehouse)
    return found


def differences(
    connection: duckdb.DuckDBPyConnection, mart: Mart, warehouse: Path
) -> Iterator[Difference]:
    """What differs in one mart; both stand as views meanwhile: `ours` and `theirs`."""
    table = f"duck.{quoted(mart.schema)}.{quoted(mart.name)}"
    folder = warehouse / f"{mart.schema}.db" / mart.name
    if not folder.is_dir():
        yield Difference(mart.full_name, "Spark has no such table.", 1)
        return
    if not any(folder.rglob("*.parquet")):  # one by partitions, without rows
        (count,) = connection.execute(f"select count(*) from {table}").fetchone()
        if count:
            yield Difference(mart.full_name, f"Spark has none of {count} rows.", count)
        return
    types = described(connection, f"select * from {table}")
    files = literal(str(folder / "**" / "*.parquet"))
    read = (
        f"read_parquet({files}, hive_partitioning = true, hive_types_autocast = false)"
    )
    seen = described(connection, f"select * from {read}")
    partitions = {part.name.split("=")[0] for part in folder.rglob("*=*")}
    if set(seen) != set(types):
        for name in sorted(set(types) ^ set(seen)):
            where = "DuckDB" if name in types else "Spark"
            yield Difference(mart.full_name, f"only {where} has the column {name}.", 1)
        return
    for name, kind in types.items():
        # A folder's name says a partition as text; instants come with their zone.
        same = {kind, f"{kind} WITH TIME ZONE" if kind == "TIMESTAMP" else kind}
        if name not in partitions and seen[name] not in same:
            yield Difference(
                mart.full_name,
                f"{name} is {kind} on DuckDB and {seen[name]} on Spark.",
                1,
            )
            return
    columns = ", ".join(
        f"cast({quoted(name)} as {kind}) as {quoted(name)}"
        for name, kind in types.items()
    )
    connection.execute(f"create or replace temp view ours as select * from {table}")
    connection.execute(
        f"create or replace temp view theirs as select {columns} from {read}"
    )
    yield from keys_differ(connection, mart)
    yield from cells_differ(connection, mart, types)


def keys_differ(
    connection: duckdb.DuckDBPyConnection, mart: Mart
) -> Iterator[Difference]:
    """Keys that one engine has and the other lacks, or that stand there twice."""
    key = ", ".join(map(quoted, mart.key)) or "1"
    for here, there, engine in (
        ("ours", "theirs", "DuckDB"),
        ("theirs", "ours", "Spark"),
    ):
        rows = connection.execute(
            f"select {key} from {here} except all select {key} from {there}"
        ).fetchall()
        if rows:
            yield Difference(
                mart.full_name,
                f"only {engine} has {len(rows)} of its rows, such as "
                f"{min(map(str, rows))}.",
                len(rows),
            )


def cells_differ(
    connection: duckdb.DuckDBPyConnection, mart: Mart, types: dict[str, str]
) -> Iterator[Difference]:
    """Columns with other values in rows of the same key, each with one such row."""
    same_key = [
        f"ours.{quoted(column)} is not distinct from theirs.{quoted(column)}"
        for column in mart.key
    ]
    on = " and ".join(same_key) or "true"
    for name, kind in types.items():
        if name in mart.key:
            continue
        mine, its = f"ours.{quoted(name)}", f"theirs.{quoted(name)}"
        differs = f"{mine} is distinct from {its}"
        if kind in ("DOUBLE", "FLOAT"):
            differs += (
                f" and not coalesce(isfinite({mine}) and isfinite({its}) and "
                f"abs({mine} - {its}) <= {TOLERANCE} * "
                f"greatest(abs({mine}), abs({its})), false)"
            )
        key = ", ".join(f"ours.{quoted(column)}" for column in mart.key) or "1"
        rows = connection.execute(
            f"select {key}, {mine}, {its} from ours inner join theirs on {on} "
            f"where {differs} order by all"
        ).fetchall()
        if rows:
            *where, on_duckdb, on_spark = rows[0]
            yield Difference(
                mart.full_name,
                f"{name} differs in {len(rows)} rows, such as {tuple(where)}: "
                f"{on_duckdb!r} on DuckDB, {on_spark!r} on Spark.",
                len(rows),
            )


def described(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    """{column: DuckDB's type} of a query, in its order."""
    rows = connection.execute(f"describe {query}").fetchall()
    return {name: kind for name, kind, *_ in rows}

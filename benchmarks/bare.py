"""The models' compiled SQL in one bare DuckDB connection: no dbt, no Dagster, no GX.

It is the floor that a night's cost is held against, and what the proofs build small
companies with, since dbt takes ten seconds to start and this takes none.
"""

import json
import resource
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from benchmarks import components
from orchestration import transform
from orchestration.formats import literal, quoted
from orchestration.settings import PROJECT, Settings

MODELS = ["--select", "resource_type:model"]
GROWING = ["--select", "config.materialized:incremental"]
# What dbt calls the warehouse in compiled SQL, which is the name of its file, and the
# other file, of marts and quality.
CATALOG = "warehouse"
MARTS = "tierkeeper"
# What models by evaluation compare (macros/touched_rows.sql).
FINGERPRINTS = "intermediate.int_evaluations__fingerprinted"
BUILT = "intermediate.built_evaluations"  # in each of the two files


@dataclass(frozen=True)
class Model:
    """One model: what dbt would run to build it.

    `full` builds it from nothing; `incremental` gives the rows that replace those of
    the same `unique_key`, and is None where the model is a view or a table. `is_dated`
    is true of the strategy `by_evaluation`.
    """

    database: str
    schema: str
    name: str
    materialized: str
    columns: tuple[str, ...]
    full: str
    incremental: str | None
    unique_key: tuple[str, ...]
    is_dated: bool

    @property
    def relation(self) -> str:
        return f"{self.database}.{self.schema}.{self.name}"


@dataclass(frozen=True)
class Project:
    """The models in the order in which they build on each other, and what they read.

    `prepared` holds the SQL of raw's views over `raw`, a folder, and `reference` the
    file with the seeds as dbt loaded them and the contracts of the feeds. `tests` are
    those of dbt's tests that would stop a night, by name: what the SQL selects fails.
    """

    models: tuple[Model, ...]
    tests: dict[str, str]
    prepared: tuple[str, ...]
    raw: Path
    reference: Path


def project(settings: Settings) -> Project:
    """The project as dbt compiled it for a warehouse whose lists at least it loaded.

    Takes two runs of dbt, about ten seconds each. Raises RuntimeError with dbt's own
    words when it cannot compile.
    """
    settings.export()
    full = compiled(settings, [*MODELS, "--full-refresh"])
    nodes = {
        unique_id: node
        for unique_id, node in full.items()
        if node["resource_type"] == "model"
    }
    grows = {
        unique_id
        for unique_id, node in nodes.items()
        if node["config"]["materialized"] == "incremental"
    }
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute(f"attach {literal(str(settings.marts))} as {MARTS}")
        make_up_for(warehouse, [nodes[unique_id] for unique_id in grows])
    nightly = compiled(settings, GROWING) if grows else {}
    order = TopologicalSorter(
        {
            unique_id: [
                parent for parent in node["depends_on"]["nodes"] if parent in nodes
            ]
            for unique_id, node in nodes.items()
        }
    ).static_order()
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        prepared = [
            sql
            for (sql,) in warehouse.execute(
                "select sql from duckdb_views() where schema_name = 'raw'"
            ).fetchall()
        ]
    return Project(
        tuple(
            model(
                nodes[unique_id],
                nightly[unique_id]["compiled_code"] if unique_id in grows else None,
            )
            for unique_id in order
        ),
        {
            node["name"]: node["compiled_code"]
            for node in full.values()
            if node["resource_type"] == "test"
            and node["config"]["severity"].lower() == "error"
        },
        tuple(prepared),
        settings.raw,
        settings.warehouse,
    )


def make_up_for(warehouse: duckdb.DuckDBPyConnection, growing: list[dict]) -> None:
    """Tables where dbt has built none: it compiles for the next night only what is."""
    for node in growing:
        schema = f"{node['database']}.{node['schema']}"
        warehouse.execute(f"create schema if not exists {schema}")
        warehouse.execute(
            f"create table if not exists {schema}.{node['name']} as select 1 as one"
        )


def compiled(settings: Settings, flags: list[str]) -> dict[str, dict]:
    done = subprocess.run(
        transform.command(settings, ["--quiet", "compile", *flags]),
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    path = transform.target_path(settings) / "manifest.json"
    return json.loads(path.read_text("utf-8"))["nodes"]


def model(node: dict, incremental: str | None) -> Model:
    key = node["config"].get("unique_key") or []
    has_contract = node["config"].get("contract", {}).get("enforced", False)
    return Model(
        node["database"],
        node["schema"],
        node["name"],
        node["config"]["materialized"],
        tuple(node["columns"]) if has_contract else (),
        node["compiled_code"],
        incremental,
        (key,) if isinstance(key, str) else tuple(key),
        node["config"].get("incremental_strategy") == "by_evaluation",
    )


def connect(
    settings: Settings, database: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection whose databases are named as dbt's: in files, or in memory."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set threads = {settings.threads}")
    connection.execute(f"set memory_limit = {literal(settings.memory_limit)}")
    settings.temporary.mkdir(parents=True, exist_ok=True)
    connection.execute(f"set temp_directory = {literal(str(settings.temporary))}")
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set disabled_compression_methods = 'fsst,dict_fsst'")
    beside = database and database.with_name(f"{database.stem}_marts.duckdb")
    for path, name in ((database, CATALOG), (beside, MARTS)):
        connection.execute(f"attach {literal(str(path or ':memory:'))} as {name}")
    connection.execute(f"use {CATALOG}")
    return connection


def prepare(connection: duckdb.DuckDBPyConnection, project: Project, raw: Path) -> None:
    """Views on the Parquet files of the folder `raw`, and the reference lists."""
    connection.execute("create schema if not exists raw")
    for sql in project.prepared:
        view = sql.replace(str(project.raw), str(raw)).removeprefix("CREATE VIEW ")
        connection.execute(f"create or replace view {view}")
    connection.execute(f"attach {literal(str(project.reference))} as given (read_only)")
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = "
        "'given' and (schema_name = 'reference' or schema_name = 'raw')"
    ).fetchall()
    schemas = {(model.database, model.schema) for model in project.models}
    schemas |= {(CATALOG, "reference"), (MARTS, "intermediate")}
    for database, schema in schemas:
        connection.execute(f"create schema if not exists {database}.{schema}")
    for schema, table in tables:
        connection.execute(
            f"create or replace table {schema}.{table} as from given.{schema}.{table}"
        )
    for database in (CATALOG, MARTS):
        connection.execute(
            f"create table if not exists {database}.{BUILT} "
            "(model_name varchar, evaluation_date date, fingerprint varchar)"
        )
    connection.execute("detach given")


def build(
    connection: duckdb.DuckDBPyConnection, project: Project, *, full: bool = False
) -> Iterator[tuple[str, float]]:
    """Build every model in order, as a night would; yields (relation, seconds) of each.

    With `full`, or where a model is not there yet, or none of its evaluations stands,
    from nothing.
    """
    there = {
        f"{database}.{schema}.{name}"
        for database, schema, name in connection.execute(
            "select database_name, schema_name, table_name from duckdb_tables()"
        ).fetchall()
    }
    for model in project.models:
        started = time.perf_counter()
        if (
            model.incremental is None
            or full
            or model.relation not in there
            or (model.is_dated and not stands_in_part(connection, model))
        ):
            create(connection, model)
        else:
            replace_rows(connection, model)
        if model.is_dated:
            keep_fingerprints(connection, model)
        yield model.relation, time.perf_counter() - started


def create(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    if model.materialized == "components":
        connection.execute(f"create or replace temp table given as {model.full}")
        components.connect(connection, "given", model.relation)
        connection.execute("drop table given")
        return
    kind = "view" if model.materialized == "view" else "table"
    selected = ", ".join(quoted(name) for name in model.columns) or "*"
    connection.execute(
        f"create or replace {kind} {model.relation} as "
        f"select {selected} from ({model.full}\n)"
    )


def touched_evaluations(model: Model) -> str:
    """The days from the first on whose fingerprint is not the one it was built from."""
    return f"""
        select evaluation_date from {FINGERPRINTS} where evaluation_date >= (
            select min(evaluation_date) from {FINGERPRINTS} anti join (
                from {model.database}.{BUILT} where model_name = '{model.name}'
            ) using (evaluation_date, fingerprint)
        )
    """


def stands_in_part(connection: duckdb.DuckDBPyConnection, model: Model) -> bool:
    """Whether an evaluation of a model by evaluation is as it was built."""
    (standing,) = connection.execute(
        f"select count(*) from {FINGERPRINTS} "
        f"where evaluation_date not in ({touched_evaluations(model)})"
    ).fetchone()
    return standing > 0


def replace_rows(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """What dbt's strategies do: rows of the same key go, the new ones come.

    By evaluation, as macros/touched_rows.sql does it.
    """
    connection.execute(f"create or replace temp table coming as {model.incremental}")
    keys = ", ".join(quoted(name) for name in model.unique_key)
    again = f"({keys}) in (select ({keys}) from coming)"
    connection.execute("begin")
    if model.is_dated:
        touched = f"evaluation_date in ({touched_evaluations(model)})"
        gone = f"evaluation_date not in (select evaluation_date from {FINGERPRINTS})"
        connection.execute(f"delete from {model.relation} where {touched} or {gone}")
        again += f" and not {touched}"
    connection.execute(f"delete from {model.relation} where {again}")
    connection.execute(f"insert into {model.relation} by name from coming")
    connection.execute("commit")
    connection.execute("drop table coming")


def keep_fingerprints(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Note what a model by evaluation was built from."""
    built = f"{model.database}.{BUILT}"
    connection.execute(f"delete from {built} where model_name = '{model.name}'")
    connection.execute(
        f"insert into {built} select '{model.name}', evaluation_date, fingerprint "
        f"from {FINGERPRINTS}"
    )


def peak_megabytes() -> int:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

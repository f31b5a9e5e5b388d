"""One atomic step from the private build file to what people read, and back."""

import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import duckdb

import page
from orchestration import decisions, inputs, logs, transform
from orchestration.decisions import DATABASE
from orchestration.formats import literal, quoted
from orchestration.settings import Settings

log = logging.getLogger("tierkeeper")

SCHEMAS = ("marts", "quality")
# Lists that BI joins to; a model may not bear a seed's name, so they are copied here.
SEEDS = ("labels", "kpi_definitions", "tier_levels")


class NothingToRollBack(Exception):
    """There is no earlier snapshot; the message says which is published."""


def assets(settings: Settings) -> dg.AssetsDefinition:
    """The published snapshot, after every mart and its checks."""
    marts = [
        key
        for key in transform.keys_by_node(transform.manifest(settings)).values()
        if key.path[0] in SCHEMAS
    ]

    @dg.asset(
        key="published",
        deps=[*marts, *(dg.AssetKey(["reference", seed]) for seed in SEEDS)],
        group_name="published",
        description="The snapshot that BI tools, the page and people read.",
    )
    def published(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        started = datetime.fromtimestamp(
            context.instance.get_run_stats(context.run_id).start_time, UTC
        ).replace(tzinfo=None)
        snapshot = publish(settings, context.run_id, started)
        log.info("published: %s", snapshot.name)
        decisions.append(settings, snapshot / DATABASE)
        inputs.keep_published(settings, snapshot, snapshot / DATABASE)
        return dg.MaterializeResult(
            metadata={"snapshot": snapshot.name, "page": str(settings.published)}
        )

    return published


def publish(settings: Settings, run_id: str, started_at: datetime) -> Path:
    """Write a whole snapshot beside the published one, then switch to it.

    A snapshot is a folder with the DuckDB file, Parquet files and the page. Readers of
    the old one keep it; whoever opens after the switch gets the new one, all of it.
    Returns the snapshot's folder.
    """
    with duckdb.connect(str(settings.warehouse), read_only=True) as build:
        as_of_date = build.execute(
            "select as_of_date from intermediate.run_parameters"
        ).fetchone()[0]
    finished_at = datetime.now(UTC).replace(tzinfo=None)
    run = logs.Run(
        run_id=run_id,
        started_at=started_at,
        finished_at=finished_at,
        as_of_date=as_of_date,
        status="published",
        message="",
        business_timezone=settings.business_timezone,
        base_currency=settings.base_currency,
    )
    name = f"{finished_at:%Y%m%dT%H%M%S%f}_as_of_{as_of_date}"
    coming = settings.snapshots / f".coming_{name}"
    coming.mkdir(parents=True)
    try:
        write_database(settings, coming / DATABASE, run)
        write_parquet(coming)
        page.write(coming / DATABASE, coming / "index.html")
        for beside in (settings.warehouse, settings.marts, coming / DATABASE):
            wal = beside.with_name(beside.name + ".wal")
            if wal.exists():
                raise RuntimeError(f"{wal.name} is there: the file is not whole.")
        snapshot = coming.rename(settings.snapshots / name)
    except BaseException:
        shutil.rmtree(coming, ignore_errors=True)
        raise
    switch(settings, snapshot)
    logs.append(settings, "runs", run_id, [run])
    prune(settings)
    return snapshot


def write_database(settings: Settings, target: Path, run: logs.Run) -> None:
    """The file of marts and quality, with the lists and logs that belong to them.

    Copied as a file: to write a hundred million rows anew takes ten times as long. Of
    the build's own it keeps nothing, and DuckDB 1.0 clients can read it.
    """
    comments = descriptions(settings)
    shutil.copyfile(settings.marts, target)
    wanted = {
        tuple(key.path)
        for key in transform.keys_by_node(transform.manifest(settings)).values()
    }
    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = {literal(settings.memory_limit)}")
        connection.execute(f"set threads = {settings.threads}")
        connection.execute(
            f"attach {literal(str(settings.warehouse))} as build (read_only)"
        )
        connection.execute(f"attach {literal(str(target))} as tierkeeper")
        connection.execute("begin")  # else each comment is a commit of its own
        connection.execute("drop schema tierkeeper.intermediate cascade")
        for schema in SCHEMAS:
            # A mart taken away may still lie in the build file.
            for table in tables_of(connection, "tierkeeper", schema):
                if (schema, table) not in wanted:
                    connection.execute(f"drop table tierkeeper.{schema}.{table}")
        for seed in SEEDS:
            connection.execute(
                f"create table tierkeeper.marts.{seed} as from build.reference.{seed}"
            )
        for name in logs.LOGS:
            logs.copy_into(connection, settings, name, f"tierkeeper.quality.{name}")
        logs.insert(connection, "tierkeeper.quality.runs", [run])
        published = {
            schema: tables_of(connection, "tierkeeper", schema) for schema in SCHEMAS
        }
        for (schema, table), (text, columns) in comments.items():
            if table not in published[schema]:
                continue
            full = f"tierkeeper.{schema}.{table}"
            connection.execute(f"comment on table {full} is {literal(text)}")
            for column, said in columns.items():
                connection.execute(
                    f"comment on column {full}.{quoted(column)} is {literal(said)}"
                )
        connection.execute("commit")
        connection.execute("checkpoint tierkeeper")
        connection.execute("detach tierkeeper")


def tables_of(connection, database: str, schema: str) -> list[str]:
    return [
        row[0]
        for row in connection.execute(
            "select table_name from information_schema.tables "
            "where table_catalog = ? and table_schema = ? order by table_name",
            [database, schema],
        ).fetchall()
    ]


def descriptions(settings: Settings) -> dict[tuple[str, str], tuple[str, dict]]:
    """{(schema, table): (description, {column: description})}, of logs as well."""
    found = {}
    for node in transform.manifest(settings)["nodes"].values():
        if node["resource_type"] in ("model", "seed"):
            schema = node["schema"] if node["schema"] in SCHEMAS else "marts"
            found[schema, node["name"]] = (
                node["description"],
                {
                    column["name"]: column["description"]
                    for column in node["columns"].values()
                    if column["description"]
                },
            )
    return found | {("quality", name): logs.comments(name) for name in logs.LOGS}


def write_parquet(folder: Path) -> None:
    """Every published table as parquet/<schema>/<table>.parquet."""
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        # Rows of a table have no order; keeping one takes a third longer.
        connection.execute("set preserve_insertion_order = false")
        for schema in SCHEMAS:
            target = folder / "parquet" / schema
            target.mkdir(parents=True)
            for table in tables_of(connection, "tierkeeper", schema):
                connection.execute(
                    f"copy {schema}.{table} to "
                    f"{literal(str(target / table) + '.parquet')} (format parquet)"
                )


# --- snapshots -----------------------------------------------------------------------


def switch(settings: Settings, snapshot: Path) -> None:
    """Make `published` lead to the snapshot, in one step."""
    link = settings.data_dir / ".published_next"
    link.unlink(missing_ok=True)
    link.symlink_to(snapshot.relative_to(settings.data_dir), target_is_directory=True)
    link.replace(settings.published)


def history(settings: Settings) -> list[Path]:
    """Whole snapshots, oldest first."""
    return sorted(
        path for path in settings.snapshots.glob("[0-9]*_as_of_*") if path.is_dir()
    )


def prune(settings: Settings) -> None:
    """Keep the last snapshots that the settings ask for, and the published one."""
    current = settings.published.resolve()
    for snapshot in history(settings)[: -settings.snapshots_kept]:
        if snapshot != current:
            shutil.rmtree(snapshot)
    for unfinished in settings.snapshots.glob(".coming_*"):
        shutil.rmtree(unfinished)


def rollback(settings: Settings) -> Path:
    """Switch back to the snapshot before the published one; returns it.

    Nothing is deleted: the next night publishes a new one. Raises NothingToRollBack.
    """
    if not settings.published.exists():
        raise NothingToRollBack(
            f"Nothing is published in {settings.data_dir}: run `make nightly` first."
        )
    current = settings.published.resolve()
    older = [snapshot for snapshot in history(settings) if snapshot < current]
    if not older:
        raise NothingToRollBack(
            f"{current.name} is the oldest snapshot kept: there is none before it."
        )
    switch(settings, older[-1])
    return older[-1]

"""Logs of nights: runs, check results and profiles, one small Parquet file each.

What is said of a log and of its columns here, its published table bears as comments.
"""

import re
from dataclasses import astuple, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, get_type_hints

import duckdb

from expectations import Result
from expectations.profiles import Profile
from orchestration.formats import literal
from orchestration.settings import Settings

# How many earlier profiles of a table drift is measured against.
MOST_EARLIER = 10


@dataclass(frozen=True)
class Run:
    """One row per night: when, about which day, and how it ended."""

    run_id: Annotated[str, "Dagster's id of the night."]
    started_at: Annotated[datetime, "When it began, in UTC."]
    finished_at: Annotated[
        datetime,
        "When it failed, found nothing new or began to write its snapshot, in UTC.",
    ]
    as_of_date: Annotated[
        date | None, "Business day that it speaks of; null unless published."
    ]
    status: Annotated[
        str, "published, unchanged (nothing was new, the snapshot stays) or failed."
    ]
    message: Annotated[
        str, "Why it failed, or which snapshot stays; empty text if published."
    ]
    business_timezone: Annotated[str, "Time zone whose days are the business days."]
    base_currency: Annotated[str, "Currency of all amounts, as its ISO 4217 code."]


@dataclass(frozen=True)
class Check:
    """One row per outcome of a check, of a batch at the raw border or of a table."""

    run_id: Annotated[str, "The night, as in runs."]
    checked_at: Annotated[datetime, "When it was checked, in UTC."]
    tool: Annotated[str, "great_expectations or dbt."]
    table_name: Annotated[str, "Schema and name of the table."]
    file: Annotated[str, "File of the batch; empty text where a table is checked."]
    check_name: Annotated[str, "Kind of the expectation, or name of dbt's test."]
    metric: Annotated[
        str,
        "What is judged: a metric of table_profiles, one with __drift (over its median "
        "of earlier profiles), or dbt's failing_rows.",
    ]
    severity: Annotated[
        str,
        "critical, whose failure rejects the batch or stops the night, or warning; of "
        "dbt warning only where it warned.",
    ]
    is_success: Annotated[bool, "Whether it held."]
    expected: Annotated[str, "Bounds of the metric, in words; of dbt 0."]
    observed: Annotated[str, "The metric as text; missing if it has no value."]


@dataclass(frozen=True)
class Measure:
    """One row per metric of the profile of a batch or a mart."""

    run_id: Annotated[str, "The night, as in runs."]
    profiled_at: Annotated[datetime, "When it was profiled, in UTC."]
    table_name: Annotated[str, "Schema and name of the table."]
    file: Annotated[str, "File of the batch; empty text for a mart."]
    batch: Annotated[str, "The batch, as in row_conservation; of a mart the run_id."]
    metric: Annotated[
        str, "Column and measure, such as score__mean, or one of all rows: row_count."
    ]
    value: Annotated[
        float | None,
        "Its value; a share is 0 to 1, a distinct_count approximate, a newest time "
        "seconds since 1970 (UTC). Null without data.",
    ]


# Kinds of errors that quote the value at which an engine stopped; others quote SQL.
OF_VALUES = re.compile(
    r"(Conversion|Constraint|Invalid Input|Out of Range|Mismatch Type) Error"
)


def without_values(message: str) -> str:
    """What an engine says, unless it may hold the content of a row: then only its kind.

    Rows are personal, messages are for everyone.
    """
    found = OF_VALUES.search(message)
    return message if found is None else f"{found[0]} in the value of a row"


LOGS = {
    "runs": (
        Run,
        "varchar, timestamp, timestamp, date, varchar, varchar, varchar, varchar",
    ),
    "check_results": (
        Check,
        "varchar, timestamp, varchar, varchar, varchar, varchar, varchar, varchar, "
        "boolean, varchar, varchar",
    ),
    "table_profiles": (
        Measure,
        "varchar, timestamp, varchar, varchar, varchar, varchar, double",
    ),
}


def columns(log: str) -> str:
    """The log's columns as DDL."""
    kind, types = LOGS[log]
    named = zip(kind.__dataclass_fields__, types.split(", "), strict=True)
    return ", ".join(f"{name} {type_}" for name, type_ in named)


def comments(log: str) -> tuple[str, dict[str, str]]:
    """(what a row of the log is, {column: what it says})."""
    kind, _ = LOGS[log]
    hints = get_type_hints(kind, include_extras=True)
    return kind.__doc__, {name: hint.__metadata__[0] for name, hint in hints.items()}


def files(settings: Settings, log: str) -> Path:
    return settings.logs / log / "*.parquet"


def append(settings: Settings, log: str, name: str, rows: list) -> None:
    """Write rows of a log as one file; the same name again replaces it whole."""
    if not rows:
        return
    folder = settings.logs / log
    folder.mkdir(parents=True, exist_ok=True)
    coming = folder / f"{name}.coming"
    with duckdb.connect() as connection:
        connection.execute(f"create table log ({columns(log)})")
        insert(connection, "log", rows)
        connection.execute(f"copy log to {literal(str(coming))} (format parquet)")
    coming.replace(folder / f"{name}.parquet")


def insert(connection: duckdb.DuckDBPyConnection, target: str, rows: list) -> None:
    values = [list(astuple(row)) for row in rows]
    marks = ", ".join("?" for _ in values[0])
    connection.executemany(f"insert into {target} values ({marks})", values)


def copy_into(
    connection: duckdb.DuckDBPyConnection, settings: Settings, log: str, target: str
) -> None:
    """Create the table `target` with everything in the log."""
    connection.execute(f"create table {target} ({columns(log)})")
    if any(files(settings, log).parent.glob("*.parquet")):
        connection.execute(
            f"insert into {target} by name "
            f"select * from read_parquet({literal(str(files(settings, log)))})"
        )


def earlier_profiles(settings: Settings) -> list[Profile]:
    """The last profiles of each table, oldest first."""
    if not any(files(settings, "table_profiles").parent.glob("*.parquet")):
        return []
    with duckdb.connect() as connection:
        rows = connection.execute(f"""
            select table_name, file, batch, profiled_at, run_id,
                array_agg(metric), array_agg(value)
            from read_parquet({literal(str(files(settings, "table_profiles")))})
            group by table_name, file, batch, profiled_at, run_id
            qualify row_number() over (
                partition by table_name order by profiled_at desc, file desc
            ) <= {MOST_EARLIER}
            order by profiled_at, file
        """).fetchall()
    return [
        Profile(table, file, batch, at, dict(zip(metrics, values, strict=True)))
        for table, file, batch, at, _, metrics, values in rows
    ]


def measures(run_id: str, profiles: list[Profile]) -> list[Measure]:
    return [
        Measure(
            run_id,
            profile.profiled_at,
            profile.table,
            profile.file,
            profile.batch,
            metric,
            value,
        )
        for profile in profiles
        for metric, value in profile.metrics.items()
    ]


def checks(
    run_id: str, checked_at: datetime, table: str, file: str, result: Result
) -> list[Check]:
    return [
        Check(
            run_id,
            checked_at,
            "great_expectations",
            table,
            file,
            finding.expectation,
            finding.metric,
            finding.severity,
            finding.is_success,
            finding.expected,
            finding.observed,
        )
        for finding in result.findings
    ]

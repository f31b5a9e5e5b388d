"""One aggregate SELECT turns a table of any size into one row that a suite can judge.

Metrics are named `<column>__<measure>`: `null_share`, `distinct_count` (approximate),
`mean`, `stddev`, `min`, `max`, `share__<code>` (each 0 to 1 where a share), `newest`
(seconds since 1970; a time without offset is taken as UTC), and `row_count` of the
table. A column of personal data has its `null_share` and nothing else. In a table with
`raw_count` (rows delivered) each other count has its `share` of them. `<metric>__drift`
is the metric divided by its median over the table's earlier profiles, from three of
them on. A night's batch of a few rows has other means and shares than the next by
chance, so its metrics do not drift, nor are others compared with them.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from statistics import median

import duckdb

NUMBERS = {"integer", "decimal", "money", "quantity"}
TIMES = {"timestamp", "date"}
# A list with more codes than this is profiled by its distinct count alone.
MOST_CODES = 20
FEWEST_FOR_DRIFT = 3
# In fewer rows a share of a tenth is often none, or a third, by chance alone.
FEWEST_ROWS = 30
# Columns of marts whose list in labels.csv has another name than they have.
CODE_LISTS = {
    ("churn_indicators", "level_fired"): "warning_level",
    ("churn_warnings", "level"): "warning_level",
    ("churn_worklist", "level"): "warning_level",
    ("customer_opportunity_lists", "list_code"): "opportunity_list",
    ("customer_tiers", "reason_code"): "tier_reason",
    ("feedback_loop", "status"): "feedback_status",
    ("tier_changes", "reason_code"): "tier_reason",
    ("tier_overrides", "direction"): "override_direction",
    ("tier_overrides", "no_effect_code"): "override_no_effect",
    ("tier_overrides", "status_code"): "override_status",
}
LABELS = Path(__file__).resolve().parent.parent / "seeds" / "reference" / "labels.csv"


@dataclass(frozen=True)
class Profile:
    """The profile of one batch or mart: `metrics` maps a metric's name to its value."""

    table: str
    file: str
    batch: str
    profiled_at: datetime
    metrics: dict[str, float | None]

    def row(self, earlier: Iterable["Profile"]) -> dict[str, float | None]:
        """The one row that a suite sees: the metrics, and their drift."""
        before = defaultdict(list)
        for profile in earlier:
            if profile.table == self.table:
                for metric, value in profile.metrics.items():
                    if value is not None and profile.tells(metric):
                        before[metric].append(value)
        row: dict[str, float | None] = dict(self.metrics)
        for metric, value in self.metrics.items():
            values = before[metric]
            usual = median(values) if len(values) >= FEWEST_FOR_DRIFT else 0
            drifts = value is not None and usual > 0 and self.tells(metric, usual)
            row[f"{metric}__drift"] = value / usual if drifts else None
        return row

    def tells(self, metric: str, usual: float = FEWEST_ROWS) -> bool:
        """Whether there are rows enough for the metric to be more than chance."""
        if not self.table.startswith("raw."):
            return True
        rows = self.metrics.get("row_count") or 0
        return max(rows, usual if metric == "row_count" else 0) >= FEWEST_ROWS


@cache
def codes(path: Path = LABELS) -> dict[str, list[str]]:
    """The codes of each list in labels.csv."""
    lists = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            lists[row["list_code"]].append(row["code"])
    return dict(lists)


def code_list_of(table: str, column: str) -> str | None:
    """The list in labels.csv of a mart's column: raw_tier_code holds a `tier`."""
    subject = f"_{column.removesuffix('_code')}"
    named = (name for name in codes() if subject.endswith(f"_{name}"))
    return CODE_LISTS.get((table, column)) or max(named, key=len, default=None)


def measures(name: str, kind: str, expression: str, code_list: str | None) -> dict:
    """{metric: aggregate} of one column; `expression` yields its typed value."""
    column = '"' + name.replace('"', '""') + '"'
    wanted = {
        f"{name}__null_share": f"avg(case when {column} is null then 1.0 else 0.0 end)"
    }
    if kind in NUMBERS:
        for measure, function in {
            "mean": "avg",
            "stddev": "stddev_samp",
            "min": "min",
            "max": "max",
        }.items():
            wanted[f"{name}__{measure}"] = f"{function}({expression})"
    elif kind in TIMES:
        # `infinity` is a time to DuckDB, and no time to anybody else.
        finite = f"case when isfinite({expression}) then {expression} end"
        wanted[f"{name}__newest"] = f"epoch(max({finite}))"
    elif kind == "boolean":
        wanted[f"{name}__mean"] = f"avg({expression})"
    elif kind == "code":
        wanted[f"{name}__distinct_count"] = f"approx_count_distinct({column})"
        known = codes().get(code_list or "", [])
        if len(known) <= MOST_CODES:
            for code in known:
                wanted[f"{name}__share__{code}"] = (
                    f"avg(case when {column} = '{code}' then 1.0 else 0.0 end)"
                )
    elif kind == "key":
        wanted[f"{name}__distinct_count"] = f"approx_count_distinct({column})"
    return wanted


def measure(
    connection: duckdb.DuckDBPyConnection, relation: str, wanted: dict[str, str]
) -> dict[str, float | None]:
    """Run the one SELECT; every value a float, or None where there is no data."""
    metrics = {"row_count": "count(*)", **wanted}
    selected = ", ".join(
        f'cast({sql} as double) as "{name}"' for name, sql in metrics.items()
    )
    row = connection.execute(f"select {selected} from {relation}").fetchone()
    return dict(zip(metrics, row, strict=True))


def profile_of_batch(
    connection: duckdb.DuckDBPyConnection,
    feed,
    parquet: Path,
    *,
    file: str,
    batch: str,
    profiled_at: datetime,
) -> Profile:
    """Profile a batch of text by the types that its feed declares.

    `feed` is an orchestration.contracts.Feed. Lines that could not be read count in
    the metric `unparsed_share` only, which a batch of a few rows does not have.
    """
    batch_rows = "read_parquet('" + str(parquet).replace("'", "''") + "')"
    described = connection.execute(f"describe select * from {batch_rows}").fetchall()
    here = {row[0] for row in described}
    wanted = {}
    for column in feed.columns:
        if column.name not in here:
            continue
        name = f'"{column.name}"'
        kind, expression = column.type, name
        if column.is_personal:
            kind = "text"  # the newest birthday of a batch is somebody's
        elif kind in NUMBERS:
            # A value that staging sets aside (`inf`, 1e300) is no number here either.
            narrow = "18, 10" if kind == "decimal" else "18, 4"
            expression = f"cast(try_cast({name} as decimal({narrow})) as double)"
            if kind == "decimal":  # the wide type is slow, and hardly ever needed
                wide = f"cast(try_cast({name} as decimal(28, 10)) as double)"
                expression = f"coalesce({expression}, {wide})"
        elif kind in TIMES:
            expression = f"try_cast({name} as timestamptz)"
        elif kind == "boolean":
            expression = f"cast(try_cast({name} as boolean) as integer)"
        wanted |= measures(column.name, kind, expression, column.code_list)
    wanted["unparsed_share"] = (
        "avg(case when _unparsed_line is not null then 1.0 else 0.0 end)"
    )
    metrics = measure(connection, batch_rows, wanted)
    if (metrics["row_count"] or 0) < FEWEST_ROWS:
        # One bad line of two is no file of another form: staging sets it aside.
        metrics["unparsed_share"] = None
    return Profile(f"raw.{feed.table}", file, batch, profiled_at, metrics)


def profile_of_table(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    *,
    batch: str,
    profiled_at: datetime,
) -> Profile:
    """Profile a mart by its column types; `batch` is the run that built it."""
    described = connection.execute(f"describe {schema}.{table}").fetchall()
    wanted = {}
    for name, type_ in ((row[0], row[1]) for row in described):
        column = f'"{name}"'
        if type_.startswith(("DECIMAL", "DOUBLE", "BIGINT", "INTEGER", "HUGEINT")):
            wanted |= measures(name, "decimal", f"cast({column} as double)", None)
        elif type_ in ("TIMESTAMP", "DATE"):
            wanted |= measures(name, "timestamp", column, None)
        elif type_ == "BOOLEAN":
            wanted |= measures(name, "boolean", f"cast({column} as integer)", None)
        elif code_list := code_list_of(table, name):
            wanted |= measures(name, "code", column, code_list)
        else:
            kind = "key" if name.endswith(("_key", "_id", "_code")) else "text"
            wanted |= measures(name, kind, column, None)
    counts = [row[0] for row in described if row[0].endswith("_count")]
    if "raw_count" in counts:
        wanted |= {
            f"{name}__share": f"sum({name}) / nullif(sum(raw_count), 0)"
            for name in counts
            if name != "raw_count"
        }
    metrics = measure(connection, f"{schema}.{table}", wanted)
    return Profile(f"{schema}.{table}", "", batch, profiled_at, metrics)

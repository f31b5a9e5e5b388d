"""The ledger of decisions: what a night decided about warnings, kept as raw of our own.

A published warning never un-happens. After publishing, the night's decisions are
appended to raw, and every later night reads them like any feed; a night that was cut
off in between is repaired from its snapshot by the next one.
"""

import hashlib
import logging
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from orchestration import landing
from orchestration.contracts import Feed, feeds
from orchestration.formats import literal, quoted
from orchestration.settings import Settings

DATABASE = "tierkeeper.duckdb"
log = logging.getLogger("tierkeeper")


def repair(settings: Settings) -> int:
    """Append what a night published and was cut off before it could keep."""
    return append(settings, settings.published / DATABASE)


def append(settings: Settings, database: Path) -> int:
    """Append what the published `database` decided for its day; returns the rows.

    Nothing is appended where the ledger holds that day already, or a later one: what
    was decided once stands, and a look back at an earlier day decides nothing.
    """
    feed = feeds()["tierkeeper", "decisions"]
    if not database.exists():
        return 0
    with landing.connect(settings) as connection:
        connection.execute(f"attach {literal(str(database))} as published (read_only)")
        (as_of_date,) = connection.execute(
            "select as_of_date from published.quality.runs "
            "order by finished_at desc limit 1"
        ).fetchone()
        newest = newest_decided(connection, settings, feed)
        if newest is not None and newest >= as_of_date:
            if newest > as_of_date:
                log.info(
                    "decisions of %s are not kept: the ledger reaches %s",
                    as_of_date,
                    newest,
                )
            return 0
        return write(connection, settings, feed, as_of_date)


def newest_decided(
    connection: duckdb.DuckDBPyConnection, settings: Settings, feed: Feed
) -> date | None:
    """The newest day that the ledger holds as decided."""
    folder = settings.raw / feed.source / feed.name
    if not any(folder.glob("*.parquet")):
        return None
    (newest,) = connection.execute(
        "select max(try_cast(decided_on as date)) "
        f"from read_parquet({literal(str(folder / '*.parquet'))}, "
        "union_by_name = true) where kind = 'decided'"
    ).fetchone()
    return newest


def write(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: Feed,
    as_of_date: date,
) -> int:
    """One batch of raw with the day's decisions, and its line in the files' ledger."""
    columns = ", ".join(
        f"cast({quoted(column.name)} as varchar) as {quoted(column.name)}"
        for column in feed.columns
    )
    connection.execute(
        f"create temp table decided as select {columns} "
        "from published.marts.churn_decisions where decided_on = ? "
        "order by decision_id",
        [as_of_date],
    )
    rows = connection.execute("select * from decided").fetchall()
    if not rows:
        return 0
    digest = hashlib.sha256(repr(rows).encode()).hexdigest()
    exported_at = landing.end_of_day(as_of_date, settings.business_timezone)
    batch = landing.batch_of(feed, digest, exported_at)
    file = f"decided_{as_of_date}"
    landing.replace_parquet(
        connection,
        f"select *, {literal(file)} as _file, {literal(batch)} as _batch, "
        f"cast({literal(str(exported_at))} as timestamp) as _exported_at, "
        "1 as _first_row, cast(null as bigint) as _row_number, "
        "cast(null as varchar) as _unparsed_line from decided order by decision_id",
        settings.raw / feed.source / feed.name / f"{batch}.parquet",
    )
    delivery = landing.Delivery(
        source=feed.source,
        feed=feed.name,
        file=file,
        content_hash=digest,
        exported_at=exported_at,
        batch=batch,
        status="loaded",
        row_count=len(rows),
        unparsed_count=0,
        encoding="",
        message="",
        landed_at=datetime.now(UTC).replace(tzinfo=None),
    )
    landing.append_ledger(connection, settings, [delivery])
    return len(rows)

"""The ledger of decisions: what a night decided about warnings, kept as raw of our own.

A published warning never un-happens. After publishing, the night's decisions are
appended to raw, and every later night reads them like any feed; a night that was cut
off in between is repaired from its snapshot by the next one.
"""

import logging
from datetime import date
from pathlib import Path

import duckdb

from orchestration import landing, ledgers
from orchestration.contracts import Feed, feeds
from orchestration.formats import literal
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
    if not database.exists():
        return 0
    with landing.connect(settings) as connection:
        connection.execute(f"attach {literal(str(database))} as published (read_only)")
        (as_of_date,) = connection.execute(
            "select as_of_date from published.quality.runs "
            "order by finished_at desc limit 1"
        ).fetchone()
        return keep(connection, settings, as_of_date)


def keep(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of_date: date
) -> int:
    """Append what the attached `published` decided for the day; returns the rows."""
    feed = feeds()["tierkeeper", "decisions"]
    newest = newest_decided(connection, settings, feed)
    if newest is not None and newest >= as_of_date:
        if newest > as_of_date:
            log.info(
                "decisions of %s are not kept: the ledger reaches %s",
                as_of_date,
                newest,
            )
        return 0
    decided = (
        "(from published.marts.churn_decisions "
        f"where decided_on = {literal(str(as_of_date))}::date)"
    )
    file = f"decided_{as_of_date}"
    return ledgers.append(connection, settings, feed, as_of_date, file, decided)


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

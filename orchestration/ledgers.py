"""Raw of our own: what a night decided or a fit found, appended like a delivery.

Nothing in it can be derived again, so it is kept, append-only, and read like any feed.
"""

import hashlib
from datetime import UTC, date, datetime

import duckdb

from orchestration import landing
from orchestration.contracts import Feed
from orchestration.formats import literal, quoted
from orchestration.settings import Settings


def append(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: Feed,
    day: date,
    file: str,
    relation: str,
) -> int:
    """One batch of raw with the rows of `relation`, and its line in the files' ledger.

    `relation`, a table or a query in brackets, has the feed's columns, its key first.
    What speaks of `day` counts as exported at its end. Returns the rows; of none
    nothing is written.
    """
    columns = ", ".join(
        f"cast({quoted(column.name)} as varchar) as {quoted(column.name)}"
        for column in feed.columns
    )
    connection.execute(
        f"create or replace temp table kept as select {columns} from {relation} "
        "order by 1"
    )
    rows = connection.execute("select * from kept").fetchall()
    if not rows:
        return 0
    digest = hashlib.sha256(repr(rows).encode()).hexdigest()
    exported_at = landing.end_of_day(day, settings.business_timezone)
    batch = landing.batch_of(feed, digest, exported_at)
    landing.replace_parquet(
        connection,
        f"select *, {literal(file)} as _file, {literal(batch)} as _batch, "
        f"cast({literal(str(exported_at))} as timestamp) as _exported_at, "
        "1 as _first_row, cast(null as bigint) as _row_number, "
        "cast(null as varchar) as _unparsed_line from kept order by 1",
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

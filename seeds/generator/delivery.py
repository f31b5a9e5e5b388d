"""Writing the landing folder: which rows of a feed come in which file, and its form."""

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import openpyxl

from seeds.generator import dirt
from seeds.generator.feeds import FEEDS, UTC, Feed
from seeds.generator.world import World

# Above this, a feed comes as Parquet, with a second part as text.
LARGEST_TEXT = 50_000
SECOND_PART = 2_000
BEGINNING = datetime(1900, 1, 1)


@dataclass(frozen=True)
class Delivery:
    """What changed after `since` up to `seen`, exported at the end of `day`."""

    day: date
    since: datetime
    is_first: bool
    is_last: bool
    # A month end's export beside the whole one.
    is_earlier: bool = False

    @property
    def seen(self) -> datetime:
        return end_of(self.day)


def literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59))


def deliveries(world: World, feed: Feed, nights: int) -> list[Delivery]:
    """All at once, two feeds with a month end's export before; or night by night."""
    last = world.to_day
    if nights:
        first = last - timedelta(days=nights - 1)
        days = [first + timedelta(days=night) for night in range(nights)]
        return [
            Delivery(
                day,
                BEGINNING if day == first else end_of(day - timedelta(days=1)),
                day == first,
                day == last,
            )
            for day in days
        ]
    whole = [Delivery(last, BEGINNING, True, True)]
    month_end = last.replace(day=1) - timedelta(days=1)
    if feed.label in WITH_EARLIER and month_end > world.from_day + timedelta(days=60):
        since = WITH_EARLIER[feed.label]
        begins = end_of(month_end - timedelta(days=since)) if since else BEGINNING
        return [Delivery(month_end, begins, False, False, True), *whole]
    return whole


# Feeds of which an earlier export is there too, and how many days' changes it holds
# (0: all that was ever known).
WITH_EARLIER = {"crm/customers": 0, "shop/orders": 12}


def write(
    connection: duckdb.DuckDBPyConnection, world: World, out: Path, nights: int
) -> dict[str, int]:
    """Write every file of every feed; the rows per feed, dirt included."""
    connection.execute(
        "create table dirty_rows (source varchar, feed varchar, file varchar, "
        "row_number bigint, kind varchar, column_name varchar, expected_fate varchar)"
    )
    connection.execute(
        "create table files (source varchar, feed varchar, file varchar, "
        "exported_on date, row_count bigint)"
    )
    rows = {}
    for feed in FEEDS:
        folder = out / "landing" / feed.source / feed.name
        folder.mkdir(parents=True)
        rows[feed.label] = sum(
            deliver(connection, world, feed, delivery, folder)
            for delivery in deliveries(world, feed, nights)
        )
    if world.dirty_share:
        repeat_a_file(connection, out, world.to_day)
    return rows


def deliver(
    connection: duckdb.DuckDBPyConnection,
    world: World,
    feed: Feed,
    delivery: Delivery,
    folder: Path,
) -> int:
    """Write one delivery of a feed as one file, or as Parquet and a part of text."""
    connection.execute("set variable seen = cast(? as timestamp)", [delivery.seen])
    described = connection.execute(f"describe {feed.view}").fetchall()
    columns = {name: kind for name, kind, *_ in described if not name.startswith("_")}
    changed = changed_rows(world, feed, delivery)
    count = connection.execute(feed.count).fetchone()[0]
    if not delivery.is_first and count > LARGEST_TEXT:
        count, changed = set_aside(connection, changed)
    base = f"{feed.name}_{delivery.day}"
    is_parquet = count > LARGEST_TEXT or (
        feed.is_large if delivery.is_first else delivery.is_earlier
    )
    total = 0
    if is_parquet:
        share = min(0.012, SECOND_PART / max(count, 1))
        second = f"chance('second part', _row) < {share!r}"
        total += connection.execute(
            f"copy (select {', '.join(columns)} from ({changed}) where not ({second})) "
            f"to {literal(folder / f'{base}.parquet')} "
            "(format parquet, compression zstd, row_group_size 245760)"
        ).fetchone()[0]
        record(connection, feed, f"{base}.parquet", delivery.day, total)
        changed = f"select * from ({changed}) where {second}"
        base += "_part2"
    rows = text_rows(connection, feed, columns, changed)
    if not rows and (is_parquet or not delivery.is_first):
        return total
    file = dirt.File(feed, tuple(columns), delivery.seen, delivery.is_last, world.seed)
    soiled = list(
        dirt.soil(
            file,
            rows,
            count if is_parquet else len(rows),
            world.dirty_share,
            has_all=delivery.is_last,
        )
    )
    path = folder / f"{base}.{feed.ending}"
    write_text(path, feed, tuple(columns), soiled)
    record(connection, feed, path.name, delivery.day, len(soiled))
    first_row = 1 if feed.ending == "jsonl" else 2
    found = [
        (number, row.kind, row.column, row.fate)
        for number, row in enumerate(soiled, start=first_row)
        if row.kind
    ]
    if found:
        # One statement: each of its own would wait for the disk.
        connection.execute(
            "insert into dirty_rows "
            "select ?, ?, ?, unnest(?), unnest(?), unnest(?), unnest(?)",
            [feed.source, feed.name, path.name, *map(list, zip(*found, strict=True))],
        )
    return total + len(soiled)


def set_aside(connection: duckdb.DuckDBPyConnection, changed: str) -> tuple[int, str]:
    """The few changed rows of a large feed, found once; how many, and where."""
    connection.execute(f"create or replace temp table changed_rows as {changed}")
    count = connection.execute("select count(*) from changed_rows").fetchone()[0]
    return count, "select * from changed_rows"


def changed_rows(world: World, feed: Feed, delivery: Delivery) -> str:
    """The rows of a feed that are new or changed; a late row comes days after."""
    arrived = "_began_at"
    if world.late_share:
        arrived = (
            f"least(_began_at + case when chance('late {feed.label}', _row) < "
            f"world_late_share() then to_days((1 + floor(60 * "
            f"chance('how late {feed.label}', _row)))::integer) "
            "else interval 0 day end, day_end(world_to_day()))"
        )
    told = f"greatest(_changed_at, {arrived})"
    since = ""
    if delivery.since > BEGINNING:
        since = f"and {told} > timestamp '{delivery.since}'"
    return (
        f"select * from {feed.view} where _began_at <= timestamp '{delivery.seen}' "
        f"and {told} <= timestamp '{delivery.seen}' {since}"
    )


def text_rows(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    columns: dict[str, str],
    query: str,
) -> list[dirt.Row]:
    """The rows as text, times in the form of their source."""

    def text(name: str, kind: str) -> str:
        if kind.startswith("TIMESTAMP"):
            local = f"{name} - interval 8 hour" if feed.times == UTC else name
            return f"coalesce(strftime({local}, '{feed.times}'), '')"
        return f"coalesce({name}::varchar, '')"

    selected = ", ".join(text(name, kind) for name, kind in columns.items())
    order = "_row" + (", line_number" if "line_number" in columns else "")
    if "question_code" in columns:
        order += ", question_code"
    found = connection.execute(
        f"select {selected} from ({query}) order by {order}, 1"
    ).fetchall()
    return [dirt.Row(values) for values in found]


def record(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: str, day: date, count: int
) -> None:
    connection.execute(
        "insert into files values (?, ?, ?, ?, ?)",
        [feed.source, feed.name, file, day, count],
    )


def write_text(
    path: Path, feed: Feed, names: tuple[str, ...], rows: Iterable[dirt.Row]
) -> None:
    if feed.ending == "xlsx":
        write_xlsx(path, names, rows)
        return
    with path.open("w", encoding=feed.encoding, newline="") as target:
        if feed.ending == "jsonl":
            for row in rows:
                values = {
                    name: value
                    for name, value in zip(names, row.values, strict=False)
                    if value != ""
                }
                text = row.raw or json.dumps(values, ensure_ascii=False)
                target.write(text + "\n")
            return
        writer = csv.writer(target, delimiter=feed.delimiter, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            if row.raw is None:
                writer.writerow(row.values)
            else:
                target.write(row.raw + "\n")


def write_xlsx(path: Path, names: tuple[str, ...], rows: Iterable[dirt.Row]) -> None:
    """A workbook without the hour at which it was made: the same bytes every time."""
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = datetime(2024, 1, 1)
    sheet = book.active
    sheet.append(names)
    for row in rows:
        sheet.append([value or None for value in row.values])
    made = io.BytesIO()
    book.save(made)
    with (
        zipfile.ZipFile(made) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                start, _, rest = content.partition(b"<dcterms:modified")
                _, _, end = rest.partition(b"</dcterms:modified>")
                content = start + end
            fixed = zipfile.ZipInfo(entry.filename, (2024, 1, 1, 0, 0, 0))
            target.writestr(fixed, content, zipfile.ZIP_DEFLATED)


def repeat_a_file(connection: duckdb.DuckDBPyConnection, out: Path, last: date) -> None:
    """Somebody downloads an export twice: the same bytes under a later name."""
    folder = out / "landing" / "finance" / "invoices"
    for source in sorted(folder.glob(f"invoices_{last}*.csv"), reverse=True):
        copy = source.with_name(f"{source.stem}_again.csv")
        shutil.copyfile(source, copy)
        connection.execute(
            "insert into dirty_rows values (?, ?, ?, null, ?, '', ?)",
            ["finance", "invoices", copy.name, "repeated_file", "not loaded again"],
        )

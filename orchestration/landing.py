"""From the landing folder to raw: which files are new, what came of each."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from expectations.profiles import Profile, profile_of_batch
from orchestration import formats
from orchestration.contracts import Feed, feeds
from orchestration.formats import Refused, literal, quoted
from orchestration.settings import Settings

MANIFEST = ".manifest.json"
# Files that people and programs leave while they are still writing.
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp")
STAMP = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])"
    r"(?:[T_ -]?([01]\d|2[0-3])[-:.]?([0-5]\d)(?:[-:.]?([0-5]\d))?"
    r"(Z|[+-]\d\d:?\d\d)?)?(?!\d)"
)


class NightStopped(Exception):
    """The night cannot go on; the message names each file or feed and what to do."""


@dataclass(frozen=True)
class Delivery:
    """One line of the file ledger: what came of one file on one night."""

    source: str
    feed: str
    file: str
    content_hash: str
    exported_at: datetime | None
    batch: str
    status: str  # loaded, repeated, rejected, waiting
    row_count: int
    unparsed_count: int
    encoding: str
    message: str
    landed_at: datetime


@dataclass
class Landing:
    """What a night's landing did; `profiles` are those of the batches appended."""

    deliveries: list[Delivery] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    checks: dict[str, list] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def having(self, status: str) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.status == status]


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """An in-memory connection within the settings' limits, in UTC."""
    settings.temporary.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set threads = {settings.threads}")
    connection.execute(f"set memory_limit = {literal(settings.memory_limit)}")
    connection.execute(f"set temp_directory = {literal(str(settings.temporary))}")
    return connection


def land(settings: Settings, check: Callable, now: datetime | None = None) -> Landing:
    """Append every new file of the landing folder to raw.

    `check(table, profile)` validates a batch's profile before it is appended and
    returns an object with `blocks` (list of sentences) and `warns`. `now` stamps the
    ledger. Raises NightStopped, after everything that can be landed has been, when a
    required feed has a rejected file or has never come.
    """
    if not settings.landing_dir.is_dir():
        raise NightStopped(
            f"There is no landing folder {settings.landing_dir}: make it, put exports "
            "into <source>/<feed>/ below it, or set LANDING_DIR to where they are."
        )
    now = (now or datetime.now(UTC)).replace(tzinfo=None)
    declared = feeds()
    landing = Landing()
    with connect(settings) as connection:
        ledger = read_ledger(connection, settings)
        for source, name, path in files(settings.landing_dir):
            feed = declared.get((source, name)) or Feed(
                f"{source}_{name}", source, name, None, (), False, False
            )
            delivery = deliver(
                connection, settings, feed, path, ledger, landing, check, now
            )
            if delivery is not None:
                landing.deliveries.append(delivery)
                ledger.add((source, name, path.name, delivery.batch, delivery.status))
        write_shapes(connection, settings, declared.values())
        append_ledger(connection, settings, landing.deliveries)
        write_settings(connection, settings)
        stop_if_required_is_missing(settings, landing, declared)
    return landing


def files(landing_dir: Path) -> Iterator[tuple[str, str, Path]]:
    """(source, feed, path) of every finished file in <source>/<feed>/, sorted."""
    for path in sorted(landing_dir.glob("*/*/**/*")):
        parts = path.relative_to(landing_dir).parts
        if (
            path.is_file()
            and not any(part.startswith((".", "~$")) for part in parts)
            and not path.name.endswith((*UNFINISHED, MANIFEST))
        ):
            yield parts[0], parts[1], path


def deliver(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: Feed,
    path: Path,
    ledger: set[tuple],
    landing: Landing,
    check: Callable,
    now: datetime,
) -> Delivery | None:
    """Land one file; None if the ledger already says all there is to say of it."""
    digest = content_hash(path)
    target = Path()

    def line(status: str, message: str = "", landed: formats.Landed | None = None):
        return Delivery(
            source=feed.source,
            feed=feed.name,
            file=path.name,
            content_hash=digest,
            exported_at=exported_at,
            batch=batch,
            status=status,
            row_count=landed.row_count if landed else 0,
            unparsed_count=landed.unparsed_count if landed else 0,
            encoding=landed.encoding if landed else "",
            message=message,
            landed_at=now,
        )

    def known(status: str) -> bool:
        return (feed.source, feed.name, path.name, batch, status) in ledger

    exported_at, batch = None, digest[:16]
    try:
        if feed.has_manifests and not manifest_of(path).exists():
            return line("waiting", f"it waits for its manifest {manifest_of(path).name}")
        exported_at = export_time(path, settings.business_timezone)
        batch = batch_of(feed, digest, exported_at)
        target = settings.raw / feed.source / feed.name / f"{batch}.parquet"
        if target.exists():
            forget_rejected(settings, feed, path)
            if known("loaded") or known("repeated"):
                return None
            if any(entry[:2] == (feed.source, feed.name) and entry[3:] == (
                batch, "loaded") for entry in ledger):
                return line("repeated", "the same content came before")
            # A night was cut off between appending and writing its ledger.
            return line("loaded", landed=recount(connection, target))
        target.parent.mkdir(parents=True, exist_ok=True)
        coming = target.with_suffix(".coming")
        landed = formats.land(
            connection,
            path,
            [column.name for column in feed.columns],
            [column.name for column in feed.columns if column.is_required],
            formats.Provenance(path.name, batch, exported_at),
            coming,
        )
        profile = profile_of_batch(
            connection, feed, coming, file=path.name, batch=batch, profiled_at=now
        )
        result = check(f"raw.{feed.table}", profile, landing.profiles)
        landing.checks.setdefault(feed.table, []).append((path.name, result))
        if result.blocks:
            raise Refused("; ".join(result.blocks))
        coming.replace(target)
        landing.profiles.append(profile)
        forget_rejected(settings, feed, path)
        return line("loaded", "; ".join(result.warns), landed)
    except Refused as refusal:
        if target.parent.is_dir():
            target.with_suffix(".coming").unlink(missing_ok=True)
        keep_rejected(settings, feed, path, str(refusal))
        return line("rejected", str(refusal))


# --- what a file is ------------------------------------------------------------------


def content_hash(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def manifest_of(path: Path) -> Path:
    return path.with_name(path.name + MANIFEST)


def export_time(path: Path, business_timezone: str) -> datetime | None:
    """When the file was exported, in UTC, naive: by its manifest, else by its name.

    A day alone means the end of that business day. None if neither tells.
    """
    manifest = manifest_of(path)
    if manifest.exists():
        try:
            stamp = json.loads(manifest.read_text("utf-8"))["exported_at"]
            if len(stamp) == len("2026-06-30"):
                return end_of_day(date.fromisoformat(stamp), business_timezone)
            return in_utc(datetime.fromisoformat(stamp), business_timezone)
        except (ValueError, KeyError, TypeError):
            raise Refused(
                f"its manifest {manifest.name} has no usable exported_at: write "
                '{"exported_at": "2026-06-30T02:00:00+08:00"}.'
            ) from None
    for found in STAMP.finditer(path.stem):
        year, month, day, hour, minute, second, offset = found.groups()
        try:
            stamped = date(int(year), int(month), int(day))
        except ValueError:
            continue
        if hour is None:
            return end_of_day(stamped, business_timezone)
        moment = datetime.combine(
            stamped, time(int(hour), int(minute), int(second or 0))
        )
        if offset:
            moment = datetime.fromisoformat(moment.isoformat() + offset)
        return in_utc(moment, business_timezone)
    return None


def in_utc(moment: datetime, business_timezone: str) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(business_timezone))
    return moment.astimezone(UTC).replace(tzinfo=None)


def end_of_day(day: date, business_timezone: str) -> datetime:
    next_midnight = datetime.combine(day + timedelta(days=1), time())
    return in_utc(next_midnight, business_timezone) - timedelta(microseconds=1)


def batch_of(feed: Feed, digest: str, exported_at: datetime | None) -> str:
    """The same content of the same feed and export time is the same batch."""
    identity = f"{feed.source}|{feed.name}|{digest}|{exported_at or ''}"
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def recount(connection: duckdb.DuckDBPyConnection, target: Path) -> formats.Landed:
    rows, unparsed = connection.execute(
        "select count(*) filter (_unparsed_line is null), count(_unparsed_line) "
        f"from read_parquet({literal(str(target))})"
    ).fetchone()
    return formats.Landed(rows, unparsed, "")


# --- rejected files ------------------------------------------------------------------


def keep_rejected(settings: Settings, feed: Feed, path: Path, reason: str) -> None:
    """Keep the file's bytes with the reason beside them, for whoever mends it."""
    folder = settings.rejected / feed.source / feed.name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / path.name)
    (folder / f"{path.name}.reason.txt").write_text(reason + "\n", "utf-8")


def forget_rejected(settings: Settings, feed: Feed, path: Path) -> None:
    folder = settings.rejected / feed.source / feed.name
    for name in (path.name, f"{path.name}.reason.txt"):
        (folder / name).unlink(missing_ok=True)


def stop_if_required_is_missing(
    settings: Settings, landing: Landing, declared: dict[tuple[str, str], Feed]
) -> None:
    """Raise NightStopped for what makes a night impossible; note what does not."""
    reasons = []
    for delivery in landing.having("rejected"):
        place = f"{delivery.source}/{delivery.feed}/{delivery.file}"
        known = declared.get((delivery.source, delivery.feed))
        sentence = f"{place} was rejected: {delivery.message}"
        if known and known.is_required:
            reasons.append(sentence)
        else:
            landing.notes.append(sentence)
    for delivery in landing.having("waiting"):
        landing.notes.append(
            f"{delivery.source}/{delivery.feed}/{delivery.file}: {delivery.message}."
        )
    has_any = False
    for feed in declared.values():
        if not feed.is_required:
            continue
        came = any(settings.raw.glob(f"{feed.label}/*.parquet")) and any(
            path.name != SHAPE for path in settings.raw.glob(f"{feed.label}/*.parquet")
        )
        has_any = has_any or came
        rejected = any(
            (delivery.source, delivery.feed) == (feed.source, feed.name)
            for delivery in landing.having("rejected")
        )
        if (settings.landing_dir / feed.source).is_dir() and not came and not rejected:
            reasons.append(
                f"{feed.label} is required (seeds/reference/feeds.csv), but no file "
                f"of it has ever come: put its export into "
                f"{settings.landing_dir / feed.source / feed.name}."
            )
    if not has_any and not reasons:
        required = ", ".join(
            feed.label for feed in declared.values() if feed.is_required
        )
        reasons.append(
            f"{settings.landing_dir} holds no source of customers or orders: put an "
            f"export of at least one of {required} there."
        )
    if reasons:
        raise NightStopped("\n".join(reasons))


# --- raw of our own ------------------------------------------------------------------

SHAPE = "declared.parquet"


def write_shapes(connection, settings: Settings, declared) -> None:
    """An empty Parquet of each declared feed's columns: a feed that never came."""
    for feed in declared:
        columns = ", ".join(
            f"cast(null as varchar) as {quoted(column.name)}" for column in feed.columns
        )
        target = settings.raw / feed.source / feed.name / SHAPE
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_parquet(
            connection,
            f"select {columns}, cast(null as varchar) as _file, "
            "cast(null as varchar) as _batch, cast(null as timestamp) as _exported_at, "
            "cast(null as integer) as _first_row, cast(null as bigint) as _row_number, "
            "cast(null as varchar) as _unparsed_line where false",
            target,
        )


def write_settings(connection, settings: Settings) -> None:
    """The one row from which the models know how this run was asked for."""

    def day(value: date | None) -> str:
        return f"cast({literal(str(value)) if value else 'null'} as date)"

    replace_parquet(
        connection,
        f"select {day(settings.as_of_date)} as requested_as_of_date, "
        f"{day(settings.latest_allowed_date())} as latest_as_of_date, "
        f"{literal(settings.business_timezone)} as business_timezone, "
        f"{literal(settings.base_currency)} as base_currency, "
        f"{literal(settings.pseudonym_key)} as pseudonym_key",
        settings.raw / "tierkeeper" / "settings" / "settings.parquet",
    )


LEDGER_TYPES = {str: "varchar", int: "bigint", datetime: "timestamp"}


def ledger_columns() -> list[tuple[str, str]]:
    return [
        (column.name, LEDGER_TYPES.get(column.type, "timestamp"))
        for column in fields(Delivery)
    ]


def read_ledger(connection, settings: Settings) -> set[tuple]:
    """(source, feed, file, batch, status) of every line so far."""
    folder = settings.raw / "tierkeeper" / "files"
    if not any(folder.glob("*.parquet")):
        return set()
    return set(
        connection.execute(
            "select source, feed, file, batch, status "
            f"from read_parquet({literal(str(folder / '*.parquet'))})"
        ).fetchall()
    )


def append_ledger(connection, settings: Settings, deliveries: list[Delivery]) -> None:
    """Append the night's lines; a first night writes the ledger's shape as well."""
    folder = settings.raw / "tierkeeper" / "files"
    columns = ledger_columns()
    declared = ", ".join(f"{name} {type_}" for name, type_ in columns)
    connection.execute(f"create or replace temp table ledger ({declared})")
    if not (folder / SHAPE).exists():
        replace_parquet(connection, "select * from ledger", folder / SHAPE)
    if deliveries:
        marks = ", ".join("?" for _ in columns)
        connection.executemany(
            f"insert into ledger values ({marks})",
            [list(asdict(delivery).values()) for delivery in deliveries],
        )
        name = f"{deliveries[0].landed_at:%Y%m%dT%H%M%S%f}.parquet"
        replace_parquet(connection, "select * from ledger", folder / name)


def replace_parquet(connection, query: str, target: Path) -> None:
    """Write a query to a Parquet file in one step: whole, or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    coming = target.with_suffix(".coming")
    connection.execute(f"copy ({query}) to {literal(str(coming))} (format parquet)")
    coming.replace(target)

"""From the landing folder to raw: which files are new, what came of each."""

import fcntl
import hashlib
import json
import logging
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb

import expectations
from expectations import Result
from expectations.profiles import Profile, profile_of_batch
from orchestration import formats, logs, quality
from orchestration.contracts import Feed, feeds
from orchestration.formats import Refused, literal, quoted
from orchestration.settings import Settings

log = logging.getLogger("tierkeeper")

MANIFEST = ".manifest.json"
# Files that people and programs leave while they are still writing.
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp")
# Files that systems leave beside exports.
NO_EXPORTS = {"_SUCCESS", "Thumbs.db", "desktop.ini"}
DAY = r"(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])"
# A day, and a time unless what follows is another day.
STAMP = re.compile(
    rf"(?<!\d){DAY}(?:[T_ -]?(?!20\d\d[-_.]?[01]\d[-_.]?[0-3]\d)"
    r"([01]\d|2[0-3])[-:.]?([0-5]\d)(?:[-:.]?([0-5]\d))?(Z|[+-]\d\d:?\d\d)?)?(?!\d)"
)
# raw keeps our own ledgers under this name.
OURS = "tierkeeper"


class NightStopped(Exception):
    """The night cannot go on; the message names each file or feed and what to do.

    `landing` is what had been landed by then.
    """

    def __init__(self, message: str, landing: "Landing | None" = None) -> None:
        super().__init__(message)
        self.landing = landing or Landing()


@dataclass(frozen=True)
class Delivery:
    """One line of the file ledger: what came of one file on one night."""

    source: str
    feed: str
    file: str  # below its feed's folder
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
    # (file, what its suite found) by raw table
    checks: dict[str, list[tuple[str, Result]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def having(self, status: str) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.status == status]


@dataclass
class Ledger:
    """What earlier nights wrote of files, and what this one adds."""

    # (batch, status, message) of a file's newest line, by (source, feed, file)
    last: dict[tuple[str, str, str], tuple[str, str, str]]
    loaded: set[str]  # batches
    news: list[Delivery] = field(default_factory=list)

    def add(self, delivery: Delivery) -> None:
        """Enter a delivery, unless the file's newest line says the same."""
        file = delivery.source, delivery.feed, delivery.file
        line = delivery.batch, delivery.status, delivery.message
        if self.last.get(file) != line:
            self.news.append(delivery)
        self.last[file] = line
        if delivery.status == "loaded":
            self.loaded.add(delivery.batch)


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """An in-memory connection within the settings' limits, in UTC."""
    settings.temporary.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set threads = {settings.threads}")
    connection.execute(f"set memory_limit = {literal(settings.memory_limit)}")
    connection.execute(f"set temp_directory = {literal(str(settings.temporary))}")
    return connection


def land(
    settings: Settings,
    check: Callable[[str, Profile, list[Profile]], Result],
    earlier: list[Profile],
    now: datetime,
) -> Landing:
    """Append every new file of the landing folder to raw.

    `check` validates a batch's profile against `earlier` ones before it is appended;
    `now` (UTC, naive) stamps the ledger and decides nothing. Raises NightStopped, after
    everything that can be landed has been, when a required feed has a rejected file or
    has never come.
    """
    if not settings.landing_dir.is_dir():
        raise NightStopped(
            f"There is no landing folder {settings.landing_dir}: make it, put exports "
            "into <source>/<feed>/ below it, or set LANDING_DIR to where they are."
        )
    declared = feeds()
    landing = Landing()
    with connect(settings) as connection:
        ledger = read_ledger(connection, settings)
        for source, name, path in files(settings.landing_dir):
            feed = declared.get((source, name)) or Feed(
                f"{source}_{name}", source, name, None, (), False, False
            )
            delivery = deliver(
                connection, settings, feed, path, ledger, landing, check, earlier, now
            )
            if delivery is not None:
                landing.deliveries.append(delivery)
                ledger.add(delivery)
        write_shapes(connection, settings, declared.values())
        append_ledger(connection, settings, ledger.news)
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
            and not path.name.lower().endswith((*UNFINISHED, MANIFEST))
            and path.name not in NO_EXPORTS
        ):
            yield parts[0], parts[1], path


def deliver(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    feed: Feed,
    path: Path,
    ledger: Ledger,
    landing: Landing,
    check: Callable[[str, Profile, list[Profile]], Result],
    earlier: list[Profile],
    now: datetime,
) -> Delivery | None:
    """Land one file; None if the ledger already says all there is to say of it."""
    file = path.relative_to(settings.landing_dir / feed.source / feed.name).as_posix()
    digest = content_hash(path)
    exported_at, batch = None, digest[:16]
    folder = settings.raw / feed.source / feed.name

    def line(status: str, message: str = "", landed: formats.Landed | None = None):
        return Delivery(
            source=feed.source,
            feed=feed.name,
            file=file,
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

    try:
        if feed.source == OURS and not feed.columns:
            raise Refused(
                f"the folder name {OURS} is kept for our own ledgers, and none is "
                f"called {feed.name}: give the source another name."
            )
        if feed.has_manifests and not manifest_of(path).exists():
            return line(
                "waiting", f"it waits for its manifest {manifest_of(path).name}"
            )
        exported_at = export_time(path, settings.business_timezone)
        batch = batch_of(feed, digest, exported_at)
        target = folder / f"{batch}.parquet"
        if target.exists():
            forget_rejected(settings, feed, file)
            last = ledger.last.get((feed.source, feed.name, file), ("", "", ""))
            if last[0] == batch and last[1] in ("loaded", "repeated"):
                return None
            if batch in ledger.loaded:
                return line("repeated", "the same content came before")
            # A night was cut off between appending and writing its ledger.
            return line("loaded", landed=recount(connection, target))
        folder.mkdir(parents=True, exist_ok=True)
        coming = folder / f"{batch}.coming"
        landed = formats.land(
            connection,
            path,
            [column.name for column in feed.columns],
            [column.name for column in feed.columns if column.is_required],
            formats.Provenance(file, batch, exported_at),
            coming,
        )
        profile = profile_of_batch(
            connection, feed, coming, file=file, batch=batch, profiled_at=now
        )
        result = check(f"raw.{feed.table}", profile, [*earlier, *landing.profiles])
        landing.checks.setdefault(feed.table, []).append((file, result))
        if result.blocks:
            raise Refused(f"{'; '.join(result.blocks)}: export it again in full.")
        coming.replace(target)
        landing.profiles.append(profile)
        landing.notes += misspellings(connection, feed, file, target)
        forget_rejected(settings, feed, file)
        return line("loaded", "; ".join(result.warns), landed)
    except Refused as refusal:
        (folder / f"{batch}.coming").unlink(missing_ok=True)
        keep_rejected(settings, feed, file, path, str(refusal))
        return line("rejected", str(refusal))


def misspellings(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: str, batch: Path
) -> list[str]:
    """A sentence where a file's feed or columns are not those declared."""
    if not feed.columns:
        return [
            f"{feed.label} is declared by no file in models/staging: {file} has rows "
            "that are kept in raw and read by nobody. Is the folder misspelt?"
        ]
    described = connection.execute(
        f"describe select * from read_parquet({literal(str(batch))})"
    ).fetchall()
    found = {row[0] for row in described if not row[0].startswith("_")}
    declared = {column.name for column in feed.columns}
    if not found - declared:
        return []
    return [
        f"{feed.label}/{file} has columns that are not declared and read by nobody: "
        f"{', '.join(sorted(found - declared))}. Declared and not in it: "
        f"{', '.join(sorted(declared - found)) or 'none'}. Is one misspelt?"
    ]


# --- what a file is ------------------------------------------------------------------


def content_hash(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def manifest_of(path: Path) -> Path:
    return path.with_name(path.name + MANIFEST)


def export_time(path: Path, business_timezone: str) -> datetime | None:
    """When the file was exported, in UTC, naive: by its manifest, else by its name.

    A day alone means the end of that business day; of several in a name (from, to) the
    last counts. None if neither tells.
    """
    manifest = manifest_of(path)
    if manifest.exists():
        try:
            stamp = json.loads(manifest.read_text("utf-8-sig"))["exported_at"]
            if len(stamp) == len("2026-06-30"):
                return end_of_day(date.fromisoformat(stamp), business_timezone)
            return in_utc(datetime.fromisoformat(stamp), business_timezone)
        except (ValueError, KeyError, TypeError, OverflowError):
            raise Refused(
                f"its manifest {manifest.name} has no usable exported_at: write "
                '{"exported_at": "2026-06-30T02:00:00+08:00"}.'
            ) from None
    stamps = [
        moment
        for found in STAMP.finditer(path.stem)
        if (moment := moment_of(found, business_timezone))
    ]
    return max(stamps, default=None)


def moment_of(found: re.Match, business_timezone: str) -> datetime | None:
    """What a stamp means; None for a day that no calendar has."""
    year, month, day, hour, minute, second, offset = found.groups()
    try:
        stamped = date(int(year), int(month), int(day))
    except ValueError:
        return None
    if hour is None:
        return end_of_day(stamped, business_timezone)
    moment = datetime.combine(stamped, time(int(hour), int(minute), int(second or 0)))
    if offset:
        moment = datetime.fromisoformat(moment.isoformat() + offset)
    return in_utc(moment, business_timezone)


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


def keep_rejected(
    settings: Settings, feed: Feed, file: str, path: Path, reason: str
) -> None:
    """Keep the file's bytes with the reason beside them, for whoever mends it."""
    kept = settings.rejected / feed.source / feed.name / file
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, kept)
    reason_of(kept).write_text(reason + "\n", "utf-8")


def forget_rejected(settings: Settings, feed: Feed, file: str) -> None:
    kept = settings.rejected / feed.source / feed.name / file
    for gone in (kept, reason_of(kept)):
        gone.unlink(missing_ok=True)


def reason_of(kept: Path) -> Path:
    return kept.with_name(f"{kept.name}.reason.txt")


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
    held = {(delivery.source, delivery.feed) for delivery in landing.having("rejected")}
    has_any = False
    for feed in declared.values():
        if not feed.is_required:
            continue
        came = any(
            path.name != SHAPE for path in settings.raw.glob(f"{feed.label}/*.parquet")
        )
        has_any = has_any or came
        is_held = (feed.source, feed.name) in held
        if (settings.landing_dir / feed.source).is_dir() and not came and not is_held:
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
        raise NightStopped("\n".join(reasons), landing)


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
        f"{day(settings.history_from)} as requested_history_from, "
        f"{literal(settings.business_timezone)} as business_timezone, "
        f"{literal(settings.base_currency)} as base_currency, "
        f"{literal(settings.pseudonym_key)} as pseudonym_key",
        settings.raw / OURS / "settings" / "settings.parquet",
    )


LEDGER_TYPES = {str: "varchar", int: "bigint", datetime: "timestamp"}


def ledger_columns() -> list[tuple[str, str]]:
    return [
        (column.name, LEDGER_TYPES.get(column.type, "timestamp"))
        for column in fields(Delivery)
    ]


def read_ledger(connection, settings: Settings) -> Ledger:
    folder = settings.raw / OURS / "files"
    ledger = Ledger({}, set())
    if any(folder.glob("*.parquet")):
        lines = connection.execute(
            "select source, feed, file, batch, status, message "
            f"from read_parquet({literal(str(folder / '*.parquet'))}) "
            "order by landed_at"
        )
        for source, feed, file, batch, status, message in lines.fetchall():
            ledger.last[source, feed, file] = batch, status, message
            if status == "loaded":
                ledger.loaded.add(batch)
    return ledger


def append_ledger(connection, settings: Settings, deliveries: list[Delivery]) -> None:
    """Append the night's lines; a first night writes the ledger's shape as well."""
    folder = settings.raw / OURS / "files"
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


# --- Dagster -------------------------------------------------------------------------


def assets(
    settings: Settings, repair: Callable[[], object] = lambda: None
) -> dg.AssetsDefinition:
    """Every declared feed as an asset of raw, landed in one step.

    `repair` runs first: it brings our own ledgers to where the last night left them.
    """

    @dg.multi_asset(
        name="landing",
        specs=[
            dg.AssetSpec(["raw", feed.table], group_name="raw", description=feed.label)
            for feed in feeds().values()
        ]
        + [
            dg.AssetSpec(["raw", f"tierkeeper_{ours}"], group_name="raw")
            for ours in ("files", "settings")
        ],
        check_specs=quality.raw_check_specs(),
    )
    def landing(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        hold_night(settings)
        repair()
        now = datetime.now(UTC).replace(tzinfo=None)
        stopped = None
        try:
            done = land(
                settings, expectations.validate, logs.earlier_profiles(settings), now
            )
        except NightStopped as error:
            stopped, done = error, error.landing
        name = f"{context.run_id}-raw"
        logs.append(
            settings,
            "table_profiles",
            name,
            logs.measures(context.run_id, done.profiles),
        )
        logs.append(
            settings,
            "check_results",
            name,
            [
                row
                for table, results in done.checks.items()
                for file, result in results
                for row in logs.checks(
                    context.run_id, now, f"raw.{table}", file, result
                )
            ],
        )
        for suite in quality.suites("raw"):
            table = suite.split(".")[1]
            # A night without a new batch has nothing to judge, which is no failure.
            yield quality.check_result(
                dg.AssetKey(["raw", table]), done.checks.get(table, [])
            )
        log.info(
            "landing: %d files loaded with %d rows, %d rejected",
            len(done.having("loaded")),
            sum(file.row_count + file.unparsed_count for file in done.having("loaded")),
            len(done.having("rejected")),
        )
        for note in done.notes:
            log.warning(note)
        if stopped:
            raise dg.Failure(allow_retries=False, description=str(stopped)) from stopped
        rows = Counter()
        for file in done.having("loaded"):
            rows[file.source, file.feed] += file.row_count + file.unparsed_count
        for feed in feeds().values():
            yield dg.MaterializeResult(
                asset_key=["raw", feed.table],
                metadata={"new_rows": rows[feed.source, feed.name]},
            )
        for ours in ("files", "settings"):
            yield dg.MaterializeResult(asset_key=["raw", f"tierkeeper_{ours}"])

    return landing


HELD: dict[Path, object] = {}


def hold_night(settings: Settings) -> None:
    """Keep other processes from building on the same folder until this one ends."""
    if settings.data_dir in HELD:
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = (settings.data_dir / "night.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise dg.Failure(
            allow_retries=False,
            description=f"Another night works in {settings.data_dir}: wait for it.",
        ) from None
    HELD[settings.data_dir] = lock

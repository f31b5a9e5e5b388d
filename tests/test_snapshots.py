"""Whoever reads while nights are published reads one whole night, and so after a crash.

The warehouse is that of the small company. Before each publishing every table in it is
marked with a day of its own, which is the as-of day of that night too; so the name of a
snapshot, its tables, its Parquet files and its page all say which night they are of.
"""

import multiprocessing
import os
import queue
import random
import re
import signal
import time
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from nights import SMALL

from expectations import Result
from orchestration import landing, nightly, publishing, transform
from orchestration.decisions import DATABASE
from orchestration.settings import Settings, from_environment

PUBLISHES = 10
# What each reader must have read after a publishing before the next one begins.
READS_BETWEEN = 2
PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.05  # between two reads, or nothing is left for publishing
FIRST = date(2026, 7, 1)
STARTED = datetime(2026, 7, 1)
# A fresh process without what pytest has open, and with what takes long to import.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["orchestration.publishing", "page.charts"])


pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    """The small company's warehouse as dbt built it, published once, for FIRST."""
    folder = tmp_path_factory.mktemp("snapshots")
    settings = from_environment(
        {"LANDING_DIR": str(SMALL), "DATA_DIR": str(folder), "THREADS": "2"}
    )
    before = dict(os.environ)
    nightly.home(settings)
    settings.export()
    landing.land(settings, lambda *_: Result(), [], STARTED)
    settings.warehouse.parent.mkdir(parents=True)
    build = ["--quiet", "build", "--exclude-resource-type", "unit_test", "test"]
    assert transform.dbt(settings, build) == 0
    mark(settings, FIRST)
    publishing.publish(settings, "first", STARTED)
    yield settings
    os.environ.clear()
    os.environ.update(before)


def mark(settings: Settings, night: date) -> None:
    """Make every table that will be published say which night it is of."""
    for file in (settings.warehouse, settings.marts):
        with duckdb.connect(str(file)) as build:
            tables = build.execute(
                "select schema_name, table_name from duckdb_tables() "
                "where schema_name in ('marts', 'quality') "
                "or (schema_name = 'reference' and list_contains(?, table_name))",
                [list(publishing.SEEDS)],
            ).fetchall()
            build.execute("begin")
            for schema, table in tables:
                build.execute(
                    f"alter table {schema}.{table} add column if not exists night date"
                )
                build.execute(f"update {schema}.{table} set night = ?", [night])
            build.execute("commit")
    with duckdb.connect(str(settings.warehouse)) as build:
        build.execute("update intermediate.run_parameters set as_of_date = ?", [night])


# --- readers: each gives the nights that it saw, and that is one ---------------------


def database_opened_anew(published: Path) -> set[date]:
    """As a BI tool: every table, one statement after another on one connection."""
    with duckdb.connect(str(published / DATABASE), read_only=True) as connection:
        return nights_of_tables(connection)


def nights_of_tables(connection: duckdb.DuckDBPyConnection) -> set[date]:
    marked = connection.execute(
        "select table_schema || '.' || table_name from information_schema.columns "
        "where column_name = 'night' order by table_schema desc, table_name"
    ).fetchall()
    queries = [f"select min(night), max(night) from {table}" for (table,) in marked]
    queries.append("select arg_max(as_of_date, finished_at) from quality.runs")
    seen = [connection.execute(query).fetchone() for query in queries]
    return {night for row in seen for night in row if night}


def parquet_of_one_snapshot(published: Path) -> set[date]:
    """The link is resolved once; then one file after another."""
    return {night_of(published.resolve())} | nights_of_files(published.resolve())


def nights_of_files(snapshot: Path) -> set[date]:
    found = set()
    paths = sorted(snapshot.glob("parquet/*/*.parquet"))
    assert paths, f"{snapshot.name} has no Parquet files"
    with duckdb.connect() as connection:
        for path in paths:
            rows = connection.from_parquet(str(path))
            if "night" in rows.columns:
                found |= set(rows.aggregate("min(night), max(night)").fetchone())
            if path.stem == "runs":
                found |= set(
                    rows.aggregate("arg_max(as_of_date, finished_at)").fetchone()
                )
    return found - {None}


def night_of(snapshot: Path) -> date:
    return date.fromisoformat(snapshot.name.rpartition("_")[2])


def page(published: Path) -> set[date]:
    """The page as a browser gets it, whole to its last tag."""
    text = (published / "index.html").read_text("utf-8")
    assert text.rstrip().endswith("</html>"), "the page ends too early"
    said = re.findall(r"截至 (\d{4}-\d\d-\d\d)（", text)
    assert said, "the page says no day"
    return set(map(date.fromisoformat, said))


READERS = (database_opened_anew, parquet_of_one_snapshot, page)


def read_on(reader, published: Path, seen, stop) -> None:
    """Read again and again; tell (reader, nights seen) or what went wrong."""
    while not stop.wait(PAUSE_SECONDS):
        try:
            seen.put((reader.__name__, reader(published)))
        except Exception as error:  # whatever it is, the test fails with it
            seen.put((reader.__name__, f"{type(error).__name__}: {error}"))
            return


def keep(published: Path, seen, stop) -> None:
    """Hold one connection and one resolved snapshot, and go on reading both."""
    snapshot = published.resolve()
    with duckdb.connect(str(published / DATABASE), read_only=True) as connection:
        read_on(kept_open, (connection, snapshot), seen, stop)


def kept_open(held: tuple[duckdb.DuckDBPyConnection, Path]) -> set[date]:
    connection, snapshot = held
    return nights_of_tables(connection) | nights_of_files(snapshot)


class Watch:
    """What the readers have told so far."""

    def __init__(self) -> None:
        self.seen = processes.Queue()
        self.reads: dict[str, list[date]] = {}

    def take(self, timeout: float | None = None) -> None:
        """Enter one read; raises queue.Empty if none comes."""
        name, nights = (
            self.seen.get(timeout=timeout) if timeout else (self.seen.get_nowait())
        )
        assert not isinstance(nights, str), f"{name} failed: {nights}"
        assert len(nights) == 1, f"{name} saw several nights in one: {sorted(nights)}"
        self.reads.setdefault(name, []).extend(nights)

    def count(self) -> Counter:
        """How often each reader has read, all that has been told included."""
        while True:
            try:
                self.take()
            except queue.Empty:
                return Counter({name: len(read) for name, read in self.reads.items()})

    def wait(self, more: int, readers: int) -> None:
        """Until each reader has read so many times more."""
        before, deadline = self.count(), time.monotonic() + PATIENCE_SECONDS
        while len(self.reads) < readers or any(
            len(read) - before[name] < more for name, read in self.reads.items()
        ):
            assert time.monotonic() < deadline, f"readers stopped: {self.count()}"
            try:
                self.take(timeout=1)
            except queue.Empty:
                continue


def test_readers_in_other_processes_see_whole_nights_only(settings):
    watch, stop = Watch(), processes.Event()
    arguments = settings.published, watch.seen, stop
    started = [
        *(
            processes.Process(target=read_on, args=(reader, *arguments))
            for reader in READERS
        ),
        processes.Process(target=keep, args=arguments),
    ]
    names = {reader.__name__ for reader in READERS}
    first = night_of(settings.published.resolve())
    nights = [first + timedelta(days=number) for number in range(1, PUBLISHES + 1)]
    during = Counter()
    for process in started:
        process.start()
    try:
        watch.wait(READS_BETWEEN, len(started))
        for night in nights:
            mark(settings, night)
            before = watch.count()
            publishing.publish(settings, f"night of {night}", STARTED)
            during += watch.count() - before
            # One more than asked for: the first may have begun before the switch.
            watch.wait(READS_BETWEEN + 1, len(started))
            fresh = {name: watch.reads[name][-1] for name in names}
            assert fresh == dict.fromkeys(names, night)
    finally:
        stop.set()
        for process in started:
            process.join(PATIENCE_SECONDS)
            process.kill()
    for name in names:
        assert watch.reads[name] == sorted(watch.reads[name]), f"{name} went back"
        assert set(watch.reads[name]) == {first, *nights}
    assert set(watch.reads["kept_open"]) == {first}
    # Else the readers slept while it was published, and nothing is shown.
    assert all(during[name] >= PUBLISHES for name in [*names, "kept_open"]), during


# --- a publishing that is killed -----------------------------------------------------

LEAVES_THE_OLD, LEAVES_THE_NEW = "the old night", "the new night"
# Steps of publishing before which it dies, and which night is published then.
STEPS = {
    "write_database": LEAVES_THE_OLD,
    "write_parquet": LEAVES_THE_OLD,
    "switch": LEAVES_THE_OLD,
    "replace": LEAVES_THE_OLD,  # the next link is there, and does not lead yet
    "prune": LEAVES_THE_NEW,
}
DRAWN = 5


def publish(settings: Settings, run_id: str, begun, dies_before: str = "") -> None:
    """Publish in a process of its own, which may kill itself on the way."""

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if dies_before == "replace":
        Path.replace = die
    elif dies_before:
        setattr(publishing, dies_before, die)
    begun.set()
    publishing.publish(settings, run_id, STARTED)


def start(settings: Settings, night: date, dies_before: str = ""):
    """Begin to publish this night; returns the process once it is at work."""
    mark(settings, night)
    begun = processes.Event()
    process = processes.Process(
        target=publish, args=(settings, f"killed {night}", begun, dies_before)
    )
    process.start()
    assert begun.wait(PATIENCE_SECONDS)
    return process


def whole(published: Path) -> date:
    """The night that the snapshot is of, as every reader sees it."""
    seen = [reader(published) for reader in READERS]
    (night,) = set().union(*seen)
    return night


@pytest.mark.parametrize(("step", "left"), STEPS.items())
def test_killed_before_a_step_it_leaves_a_whole_night(settings, step, left):
    old = whole(settings.published)
    new = old + timedelta(days=1)
    process = start(settings, new, step)
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == -signal.SIGKILL
    assert whole(settings.published) == (old if left == LEAVES_THE_OLD else new)


def test_killed_at_any_moment_it_leaves_a_whole_night_and_the_next_one_works(settings):
    night = whole(settings.published)
    began = time.perf_counter()
    process = start(settings, night := night + timedelta(days=1))
    process.join(PATIENCE_SECONDS)
    lasts = time.perf_counter() - began
    assert process.exitcode == 0
    assert whole(settings.published) == night
    left = Counter()
    chance = random.Random(20260701)
    for number in range(DRAWN):
        old, new = night, night + timedelta(days=1)
        process = start(settings, new)
        time.sleep((number + chance.random()) / DRAWN * lasts)
        process.kill()
        process.join(PATIENCE_SECONDS)
        night = whole(settings.published)
        assert night in (old, new)
        left[process.exitcode, night == new] += 1
    assert left[-signal.SIGKILL, False], f"none was cut off before its switch: {left}"

    last = night + timedelta(days=1)
    mark(settings, last)
    publishing.publish(settings, "after the crashes", STARTED)
    assert whole(settings.published) == last
    assert not list(settings.snapshots.glob(".coming_*"))
    for snapshot in publishing.history(settings):
        assert nights_of_files(snapshot) == {night_of(snapshot)}

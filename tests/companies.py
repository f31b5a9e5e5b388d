"""Small companies, the ways in which their exports arrive, and comparing answers."""

import contextlib
import csv
import dataclasses
import hashlib
import io
import json
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pytest
from hypothesis import strategies as st
from nights import SMALL

from benchmarks import bare
from expectations import Result
from orchestration import decisions, fitting, landing, transform
from orchestration.contracts import feeds
from orchestration.formats import literal, quoted
from orchestration.landing import Landing, NightStopped
from orchestration.settings import PROJECT, REFERENCE, Settings, from_environment
from scoring.training import Parameter, Trained
from seeds.generator.__main__ import generate, parse

SCHEMAS = ("marts", "quality")
# Where a row stood and when it was loaded: no part of an answer.
PLACES = re.compile(r"(.*_)?(file|batch)|row_number|landed_at|loaded_at")
# How often a row came, which is the way of arrival itself.
ARRIVALS = {"raw_count", "duplicate_count"}
# Rows of an answer that are about nothing else.
ABOUT_ARRIVALS = {"quality.data_quality_scorecard": "dimension = 'unique'"}

# An order of raw rows that has nothing to do with how they came, the same every time.
SHUFFLED = "md5(_row_number || _batch)"


# --- building ------------------------------------------------------------------------


def compiled_project(folder: Path) -> bare.Project:
    """The models' SQL and the reference lists: what every company is built with."""
    settings = installation(folder)
    shutil.copytree(SMALL, settings.landing_dir, dirs_exist_ok=True)
    assert land(settings, 0) is not None
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    run_dbt(settings, "seed")
    return bare.project(settings)


def run_dbt(settings: Settings, *arguments: str) -> None:
    settings.export()
    done = subprocess.run(
        transform.command(settings, ["--quiet", *arguments]),
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def upstream(project: bare.Project, name: str, given: str = "") -> bare.Project:
    """The model of this name and all that it reads, in their order.

    The model named `given` is not built, nor what only that one reads.
    """
    relations = {model.name: model.relation for model in project.models}
    wanted, without = {relations[name]}, relations.get(given)
    for model in reversed(project.models):
        if model.relation in wanted and model.relation != without:
            found = re.findall(r'"(\w+)"\."(\w+)"\."(\w+)"', model.full)
            wanted |= {".".join(relation) for relation in found}
    wanted.discard(without)
    models = tuple(model for model in project.models if model.relation in wanted)
    return dataclasses.replace(project, models=models)


class Warehouse:
    """A company's warehouse in one bare connection, kept from night to night."""

    def __init__(self, project: bare.Project, settings: Settings) -> None:
        self.project = project
        self.settings = settings
        self.connection = bare.connect(settings)

    def build(self, *, full: bool = False) -> "Warehouse":
        self.prepare()
        self.run_models(full=full)
        return self

    def prepare(self) -> None:
        bare.prepare(self.connection, self.project, self.settings.raw)

    def run_models(self, *, full: bool = False) -> None:
        for _ in bare.build(self.connection, self.project, full=full):
            pass

    def replace_raw(self, queries: dict[str, str]) -> None:
        """Make raw's views tables of what `queries` by table select from them."""
        for table, query in queries.items():
            self.connection.execute(f"create or replace temp table coming as {query}")
            kind = self.connection.execute(
                "select table_type from information_schema.tables "
                "where table_schema = 'raw' and table_name = ?",
                [table],
            ).fetchone()
            self.connection.execute(
                f"drop {'view' if kind == ('VIEW',) else 'table'} raw.{table}"
            )
            self.connection.execute(f"create table raw.{table} as from coming")
        self.connection.execute("drop table if exists coming")

    def raw_tables(self) -> list[str]:
        """The feeds' tables of raw, without our own of files and settings."""
        return sorted(feed.table for feed in feeds().values())

    def keep(self, target: Path) -> Path:
        """Copy the answer, every table of marts and quality, to a file."""
        target.unlink(missing_ok=True)
        self.connection.execute(f"attach {literal(str(target))} as kept")
        for schema, table in answer_tables(self.connection, bare.MARTS):
            name = f"{schema}.{table}"
            self.connection.execute(f"create schema if not exists kept.{schema}")
            self.connection.execute(
                f"create table kept.{name} as from {bare.MARTS}.{name}"
            )
        self.connection.execute("detach kept")
        return target

    def close(self) -> None:
        self.connection.close()


def answer_tables(
    connection: duckdb.DuckDBPyConnection, catalog: str
) -> list[tuple[str, str]]:
    return connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ? "
        "and list_contains(?, schema_name) order by all",
        [catalog, list(SCHEMAS)],
    ).fetchall()


def at(settings: Settings, **changes: object) -> Settings:
    """The same installation asked otherwise, as raw tells the models from now on."""
    changed = dataclasses.replace(settings, **changes)
    with landing.connect(changed) as connection:
        landing.write_settings(connection, changed)
    return changed


def full_answer(project: bare.Project, settings: Settings, target: Path) -> Path:
    """What a full build in a new connection makes of the installation's raw."""
    warehouse = Warehouse(project, settings)
    try:
        return warehouse.build(full=True).keep(target)
    finally:
        warehouse.close()


def append_decisions(settings: Settings, answer: Path, as_of_date: date) -> int:
    """Keep the day's decisions as a night does after publishing."""
    with landing.connect(settings) as connection:
        connection.execute(f"attach {literal(str(answer))} as published (read_only)")
        return decisions.keep(connection, settings, as_of_date)


# --- comparing -----------------------------------------------------------------------


def differences(
    warehouse: Warehouse,
    expected: Path,
    *,
    schemas: Iterable[str] = SCHEMAS,
    any_arrival: bool = False,
) -> list[str]:
    """A paragraph for each table that is not cell by cell that of the file `expected`.

    With `any_arrival` without where a row stood, and how often it came.
    """
    connection = warehouse.connection
    connection.execute(f"attach {literal(str(expected))} as expected (read_only)")
    try:
        wanted = answer_tables(connection, "expected")
        found = answer_tables(connection, bare.MARTS)
        assert wanted and {schema for schema, _ in wanted} >= set(schemas)
        told = [f"only one has {table}" for table in {*wanted} ^ {*found}]
        for schema, table in wanted:
            if schema in schemas and (schema, table) in found:
                told += difference(connection, f"{schema}.{table}", any_arrival)
        return told
    finally:
        connection.execute("detach expected")


def difference(
    connection: duckdb.DuckDBPyConnection, table: str, any_arrival: bool
) -> list[str]:
    columns = described(connection, f"expected.{table}")
    if columns != described(connection, f"{bare.MARTS}.{table}"):
        return [f"{table} has other columns"]
    names = list(columns)
    selected, grouped = ", ".join(map(quoted, names)), ""
    if any_arrival and any(PLACES.fullmatch(name) for name in names):
        names = [name for name in names if not PLACES.fullmatch(name)]
        names = [name for name in names if name not in ARRIVALS]
        counts = [name for name in names if name.endswith("_count")]
        if counts:  # of a file: rows of more files than one add up
            grouped = "group by all"
        selected = ", ".join(
            f"sum({name}) as {name}" if name in counts else quoted(name)
            for name in names
        )
    others = ABOUT_ARRIVALS.get(table) if any_arrival else None
    where = f"where not ({others})" if others else ""
    both = [
        f"(select {selected} from {catalog}.{table} {where} {grouped})"
        for catalog in ("expected", bare.MARTS)
    ]
    # As many rows, and none that the other lacks: all the same, at half the cost.
    sizes = [f"(select count(*) from {side})" for side in both]
    if connection.execute(
        f"select {sizes[0]} = {sizes[1]} "
        f"and not exists ({both[0]} except all {both[1]})"
    ).fetchone() == (True,):
        return []
    cursor = connection.execute(
        f"select 'expected' as side, * from ({both[0]} except all {both[1]}) "
        f"union all select 'found', * from ({both[1]} except all {both[0]}) "
        "order by all"
    )
    rows = cursor.fetchall()
    if not rows:
        return []
    # A value and its count on each side: columns whose values are the same are hidden.
    differing = [
        place
        for place, _ in enumerate(names, start=1)
        if sorted(repr(row[place]) for row in rows if row[0] == "expected")
        != sorted(repr(row[place]) for row in rows if row[0] == "found")
    ]
    lines = [
        f"  {row[0]}: {', '.join(f'{n}={v}' for n, v in shown(names, row, differing))}"
        for side in ("expected", "found")
        for row in [row for row in rows if row[0] == side][:4]
    ]
    told = ", ".join(names[place - 1] for place in differing) or "their combination"
    return [f"{table} differs in {len(rows)} rows, in {told}:\n" + "\n".join(lines)]


def shown(names: list[str], row: tuple, differing: list[int]) -> list[tuple[str, str]]:
    """The first three columns, which tell the row, and those that differ."""
    places = sorted({1, 2, 3, *differing} & set(range(1, len(row))))[:12]
    return [(names[place - 1], str(row[place])) for place in places]


def described(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {
        row[0]: row[1] for row in connection.execute(f"describe {table}").fetchall()
    }


def empty_tables(answer: Path) -> set[str]:
    """Tables of an answer without a row: nothing is proved about them."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(answer))} as answer (read_only)")
        return {
            f"{schema}.{table}"
            for schema, table in answer_tables(connection, "answer")
            if not connection.execute(
                f"from answer.{schema}.{table} limit 1"
            ).fetchall()
        }


# --- companies -----------------------------------------------------------------------


@dataclass(frozen=True)
class Export:
    """One file of a company as raw holds it: its rows, and lines that are none."""

    source: str
    feed: str
    file: str
    key: tuple[str, ...]
    exported_at: datetime | None
    names: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    unparsed: tuple[str, ...]

    def is_repeatable(self, row: tuple[str | None, ...]) -> bool:
        """Whether the warehouse can know the row again when it comes once more."""
        given = dict(zip(self.names, row, strict=True))
        return bool(self.key) and all(
            (given.get(name) or "").strip() for name in self.key
        )


@dataclass(frozen=True)
class Company:
    """A company whose exports arrived at once: `settings.raw` holds them."""

    name: str
    settings: Settings
    exports: tuple[Export, ...]

    def __repr__(self) -> str:
        return f"<the company {self.name}>"


def land(settings: Settings, night: int) -> Landing | None:
    """One night's landing, every batch good enough; None if the night stops there."""
    now = datetime(2026, 7, 1) + timedelta(days=night)
    try:
        return landing.land(settings, lambda *_: Result(), [], now)
    except NightStopped:
        return None


def installation(folder: Path) -> Settings:
    """An installation of its own, with the one thread that is quickest when small."""
    (folder / "landing").mkdir(parents=True, exist_ok=True)
    return from_environment(
        {
            "LANDING_DIR": str(folder / "landing"),
            "DATA_DIR": str(folder / "data"),
            "THREADS": "1",
        }
    )


def by_hand(project: bare.Project, folder: Path) -> Company:
    """The company of tests/landing, with what it decided at two month ends.

    The horizon of the first is over by the end of June.
    """
    settings = installation(folder)
    shutil.copytree(SMALL, settings.landing_dir, dirs_exist_ok=True)
    return landed(project, settings, "by_hand", [date(2026, 3, 31), date(2026, 5, 31)])


def undated(project: bare.Project, folder: Path) -> Company:
    """The same without any export time: its rows' own times tell the versions."""
    # Nothing tells how far the exports reach, and one row claims to be of December.
    settings = dataclasses.replace(installation(folder), as_of_date=date(2026, 6, 30))
    for path in sorted(SMALL.glob("*/*/*")):
        place = settings.landing_dir / path.relative_to(SMALL)
        number = len(list(place.parent.glob("*"))) if place.parent.exists() else 0
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place.with_name(f"file_{number}{path.suffix}"))
    return landed(project, settings, "undated", [])


def generated(
    project: bare.Project, folder: Path, seed: int, nights: int = 4, customers: int = 60
) -> Company:
    """An invented company, of the last `nights` of which each had its delivery."""
    settings = installation(folder)
    make(settings, seed, nights, customers)
    # A whole export once more: rows that nothing changed came with an earlier one.
    for first in sorted(settings.landing_dir.glob("*/*/*_2026-06-27*")):
        again = first.name.replace("2026-06-27", "2026-06-29_whole")
        if first.parent.name in ("customers", "orders"):
            shutil.copyfile(first, first.with_name(again))
    return landed(project, settings, f"generated_{seed}", [date(2026, 5, 31)])


def make(settings: Settings, seed: int, nights: int, customers: int) -> None:
    with tempfile.TemporaryDirectory(dir=settings.landing_dir.parent) as made:
        span = ["--from", "2025-03-01", "--to", "2026-06-30", "--nights", str(nights)]
        size = ["--customers", str(customers), "--seed", str(seed), "--threads", "1"]
        with contextlib.redirect_stdout(io.StringIO()):
            generate(parse(["--out", f"{made}/company", *size, *span]))
        shutil.copytree(
            f"{made}/company/landing", settings.landing_dir, dirs_exist_ok=True
        )


def retailer(project: bare.Project, folder: Path) -> Company:
    """A shop whose lines have no key: two equal lines are two sales."""
    settings = installation(folder)
    inbox = settings.landing_dir / "online_retail" / "sales"
    inbox.mkdir(parents=True)
    header = (
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,"
        "CustomerID,Country\n"
    )
    for month in (4, 5):
        lines = [
            f"{'C' if number % 11 == 0 else ''}{month}{number // 3},P{number % 2},Lamp,"
            f"{-1 if number % 11 == 0 else number % 3 + 1},"
            f"2026-0{month}-{number // 3 % 27 + 1:02} 10:00:00,{number % 4 + 1}.25,"
            f"{'' if number % 5 == 0 else 17850 + number % 6},France\n"
            for number in range(60)
        ]
        # Told twice in a file, and again by the next month's export.
        again = lines[10:20] + lines[10:15]
        (inbox / f"sales_2026-0{month}-30.csv").write_text(
            header + "".join(lines + again)
        )
        if month == 5:
            earlier = (inbox / "sales_2026-04-30.csv").read_text().splitlines(True)[1:]
            (inbox / "sales_2026-05-31.csv").write_text(
                header + "".join(lines + earlier[:30] + ["broken line\n"])
            )
    return landed(project, settings, "retailer", [])


def contractors(project: bare.Project, folder: Path) -> Company:
    """Firms under contracts of half a year, each third not renewed; no shop at all.

    What is known of their invoices begins after the first evaluations.
    """
    settings = dataclasses.replace(installation(folder), as_of_date=date(2026, 6, 30))
    firms = range(24)
    periods = [
        (number, begin, end)
        for number in firms
        for begin, end in (
            ("2025-01-10", "2025-07-09"),
            ("2025-07-10", "2026-01-09"),
            ("2026-01-10", "2026-07-09"),
        )[: 3 if number % 3 else 1 + number % 2]
    ]
    invoices = [
        (number, month, 20 if number % 5 else 10)
        for number in firms
        for month in ("2025-08", "2026-05")
    ]
    files = {
        "crm/customers": [
            "source_customer_id,customer_name,customer_type,created_at",
            *(
                f"C{number},公司{number},company,2025-01-05 09:00:00"
                for number in firms
            ),
        ],
        "crm/contracts": [
            "contract_id,source_customer_id,starts_on,ends_on,amount",
            *(
                f"CT{number}-{begin},C{number},{begin},{end},6000"
                for number, begin, end in periods
            ),
        ],
        "finance/invoices": [
            "invoice_id,source_customer_id,issued_on,due_on,amount,paid_on,paid_amount",
            *(
                f"I{number}-{month},C{number},{month}-01,{month}-15,100,{month}-{day},100"
                for number, month, day in invoices
            ),
        ],
    }
    for place, lines in files.items():
        inbox = settings.landing_dir / place
        inbox.mkdir(parents=True)
        feed = inbox.name
        (inbox / f"{feed}_2026-06-30.csv").write_text("\n".join(lines) + "\n")
    return landed(project, settings, "contractors", [])


def landed(
    project: bare.Project, settings: Settings, name: str, decided: list[date]
) -> Company:
    """Land all at once, and decide what these days of the past would have.

    What came of the warnings lands a night later.
    """
    assert land(settings, 0) is not None
    fit_as_shipped(settings)
    for day in decided:
        answer = settings.data_dir / "decided.duckdb"
        full_answer(project, at(settings, as_of_date=day), answer)
        assert append_decisions(settings, answer, day)
    if decided:
        work(settings)
        assert land(settings, 1) is not None
    at(settings)
    return Company(name, settings, tuple(read_exports(project, settings)))


def work(settings: Settings) -> None:
    """Results of the worklist, in June: of three warnings in four, of one two."""
    ledger = settings.raw / "tierkeeper" / "decisions" / "*.parquet"
    with duckdb.connect() as connection:
        opened = connection.execute(
            "select distinct warning_id from read_parquet($1) "
            "where kind = 'opened' order by warning_id",
            [str(ledger)],
        ).fetchall()
    assert opened
    lines = ["result_id,warning_id,staff_id,action_code,done_at,outcome"]
    outcomes = ("no_answer", "reached", "kept", "lost", "rejected")
    for number, (warning_id,) in enumerate(opened):
        for again in range(number % 4 and 1 + (number == 1)):
            day, outcome = 3 + number % 20 + again, (number + again) % len(outcomes)
            lines.append(
                f"R{number}-{again},{warning_id},,call,2026-06-{day:02} 10:00:00,"
                f"{outcomes[outcome]}"
            )
    inbox = settings.landing_dir / "crm" / "worklist_results"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "worklist_results_2026-06-30.csv").write_text("\n".join(lines) + "\n")


def fit_as_shipped(settings: Settings) -> None:
    """Append what is shipped as if it were fitted here: companies of tests are small,
    and what was learned elsewhere does not serve those.
    """
    with (REFERENCE / "churn_models.csv").open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["component"] != "base"]
    parameters = [
        Parameter(
            line["component"],
            line["parameter"],
            float(line["coefficient"]),
            float(line["reference_value"]) if line["reference_value"] else None,
        )
        for line in lines
    ]
    fitting.keep_model(settings, date(2009, 12, 31), Trained(parameters, "as shipped"))


def contracts(project: bare.Project) -> dict[str, dict]:
    """What the source YAML says of each table of raw."""
    with duckdb.connect(str(project.reference), read_only=True) as connection:
        found = connection.execute("from raw.feed_contracts").fetchall()
    return {
        table: contract
        for table, text in found
        if (contract := json.loads(text))["columns"]
    }


def read_exports(project: bare.Project, settings: Settings) -> Iterator[Export]:
    """Every file that raw holds; one without rows still tells how far its feed is."""
    with duckdb.connect() as connection:
        ledger = settings.raw / "tierkeeper" / "files" / "*.parquet"
        loaded = connection.execute(
            "select source, feed, file, exported_at, batch from "
            f"read_parquet({literal(str(ledger))}) where status = 'loaded' order by all"
        ).fetchall()
        declared = {
            (contract["source"], contract["feed"]): tuple(contract["key"])
            for contract in contracts(project).values()
        }
        for source, feed, file, exported_at, batch in loaded:
            path = settings.raw / source / feed / f"{batch}.parquet"
            cursor = connection.execute(
                "select _unparsed_line, columns(name -> name[1] <> '_') "
                f"from read_parquet({literal(str(path))}) order by all"
            )
            names = tuple(column[0] for column in cursor.description[1:])
            rows = cursor.fetchall()
            yield Export(
                source,
                feed,
                file,
                declared[source, feed],
                exported_at,
                names,
                tuple(row[1:] for row in rows if row[0] is None),
                tuple(row[0] for row in rows if row[0] is not None),
            )


class Builder:
    """Makes each company, and each answer, once."""

    def __init__(self, project: bare.Project, folder: Path) -> None:
        self.project = project
        self.folder = folder
        self.companies: dict[str, Company] = {}
        self.answers: dict[tuple, Path] = {}

    def __repr__(self) -> str:
        return "<builder>"

    def company(self, name: str) -> Company:
        if name not in self.companies:
            make = COMPANIES[name]
            self.companies[name] = make(self.project, self.folder / name)
        return self.companies[name]

    def warehouse(self, settings: Settings, *, shuffled: bool = False) -> Warehouse:
        project = self.project
        if shuffled:
            models = [
                dataclasses.replace(
                    model, full=f"select * from ({model.full}\n) order by random()"
                )
                for model in project.models
            ]
            project = dataclasses.replace(project, models=tuple(models))
        return Warehouse(project, settings)

    def at_once(
        self, company: Company, day: date | None = None, beginning: date | None = None
    ) -> Path:
        """The answer of a company whose exports all came on one night."""
        asked = company.name, day, beginning
        if asked not in self.answers:
            target = self.folder / f"answer_{len(self.answers)}.duckdb"
            settings = at(company.settings, as_of_date=day, history_from=beginning)
            self.answers[asked] = full_answer(self.project, settings, target)
        return self.answers[asked]


COMPANIES = {
    "by_hand": by_hand,
    "undated": undated,
    "generated": lambda project, folder: generated(project, folder, seed=1),
    "retailer": retailer,
    "contractors": contractors,
}
# For tests of every company: two in the short form, all in the long one.
EVERY = [
    pytest.param(
        name, marks=() if name in ("by_hand", "generated") else pytest.mark.long
    )
    for name in COMPANIES
]


# --- ways of arrival -----------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """A part of a file: on which night it comes, in which form and under which name."""

    night: int
    form: str = "csv"
    has_manifest: bool = False
    # Once more on a later night, under another name.
    again: int | None = None
    # With the rows of another part of the file as well.
    has_others: bool = False
    # On an earlier night something else came under its name, and was rejected.
    broken: int | None = None


@dataclass(frozen=True)
class Coming:
    """How the rows of one file come: each in the part that its content draws."""

    export: int
    seed: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Arrival:
    """How a company's files come: file by file, and on which nights is built."""

    files: tuple[Coming, ...]
    built: frozenset[int]

    @property
    def last(self) -> int:
        return max(
            night
            for coming in self.files
            for piece in coming.pieces
            for night in (piece.night, piece.again or 0)
        )

    def told(self, company: Company) -> str:
        """The files that do not simply come whole on the first night."""
        lines = [f"How {company.name} came, built on nights {sorted(self.built)}:"]
        for coming in self.files:
            if coming != Coming(coming.export, 0, (Piece(0),)):
                export = company.exports[coming.export]
                lines.append(f"  {export.source}/{export.feed}/{export.file}")
                lines += [f"    {piece}" for piece in coming.pieces]
        return "\n".join(lines)


FORMS = ("csv", "tabs", "gb18030", "jsonl", "parquet", "xlsx")
# What no reader takes for rows: bytes of UTF-16, and a header without the key.
BROKEN = b"\xff\xfeb\x00r\x00o\x00k\x00e\x00n\x00\n\x00"


@st.composite
def arrivals(draw: st.DrawFn, company: Company, nights: int = 5) -> Arrival:
    """Any way in which the company's files may come; the simplest is all at once."""
    night = st.integers(0, draw(st.integers(1, nights)) - 1)

    def piece() -> Piece:
        comes = draw(night)
        later = st.integers(comes, nights - 1)
        odd = draw(st.integers(0, 31))
        return Piece(
            comes,
            FORMS[draw(st.integers(0, len(FORMS) - 1))],
            has_manifest=odd & 3 == 3,
            again=draw(later) if odd & 12 == 12 else None,
            has_others=odd & 16 == 16,
            broken=draw(st.integers(0, comes - 1)) if comes and odd % 16 == 9 else None,
        )

    files = tuple(
        Coming(
            number,
            draw(st.integers(0, 999)),
            tuple(piece() for _ in range(draw(st.integers(1, 3)))),
        )
        for number in range(len(company.exports))
    )
    # A night more to build costs as much as all of its landing.
    built = st.frozensets(st.integers(0, nights - 1), min_size=1, max_size=2)
    return Arrival(files, draw(built))


def simplest(arrival: Arrival, fails: Callable[[Arrival], bool]) -> Arrival:
    """The same with many files coming whole on the first night instead.

    Tries halves, quarters and so on, a dozen times in all: hypothesis would take hours.
    """
    tries = 12
    whole = {
        coming.export: Coming(coming.export, 0, (Piece(0),)) for coming in arrival.files
    }
    odd = [coming.export for coming in arrival.files if coming != whole[coming.export]]
    size = len(odd)
    while size > 1 and tries > 0:
        size = (size + 1) // 2
        for chunk in [odd[at : at + size] for at in range(0, len(odd), size)]:
            candidate = dataclasses.replace(
                arrival,
                files=tuple(
                    whole[coming.export] if coming.export in chunk else coming
                    for coming in arrival.files
                ),
            )
            tries -= 1
            if tries >= 0 and fails(candidate):
                arrival = candidate
                odd = [export for export in odd if export not in chunk]
    return arrival


def deliver(company: Company, arrival: Arrival, night: int, landing_dir: Path) -> int:
    """Put into the landing folder what comes on a night; how many files are broken."""
    broken = 0
    for coming in arrival.files:
        export = company.exports[coming.export]
        inbox = landing_dir / export.source / export.feed
        for number, (piece, rows, unparsed) in enumerate(parts(export, coming)):
            if export.rows and not rows and not unparsed:
                continue
            if night not in (piece.night, piece.again, piece.broken):
                continue
            ending, content = written(export, piece.form, rows, unparsed)
            name = f"{Path(export.file).stem}_part{number}"
            if piece.has_manifest and export.exported_at:
                name = f"part{number}_of_{coming.export}"
            if night == piece.broken:
                put(inbox / f"{name}.{ending}", BROKEN, export)
                broken += 1
            if night == piece.night:
                put(inbox / f"{name}.{ending}", content, export)
            if night == piece.again:
                put(inbox / f"{name}_again.{ending}", content, export)
    return broken


def put(target: Path, content: bytes, export: Export) -> None:
    """Write a file, with a manifest beside it where its name does not tell its time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    if export.exported_at and not landing.STAMP.search(target.stem):
        stamp = export.exported_at.replace(tzinfo=UTC).isoformat()
        landing.manifest_of(target).write_text(json.dumps({"exported_at": stamp}))


def parts(
    export: Export, coming: Coming
) -> Iterator[tuple[Piece, list[tuple[str | None, ...]], tuple[str, ...]]]:
    """Each piece with its rows; equal rows go together, and unparsed lines too."""
    shares: list[list] = [[] for _ in coming.pieces]
    for row in export.rows:
        shares[int(digest(coming.seed, row), 16) % len(shares)].append(row)
    for number, (piece, rows) in enumerate(zip(coming.pieces, shares, strict=True)):
        others = shares[number - 1] if piece.has_others and len(shares) > 1 else []
        repeated = [row for row in others if export.is_repeatable(row)]
        ordered = sorted(rows + repeated, key=lambda row: digest(coming.seed, row))
        yield piece, ordered, export.unparsed if number == 0 else ()


def digest(*what: object) -> str:
    return hashlib.md5(repr(what).encode()).hexdigest()


def written(
    export: Export,
    form: str,
    rows: list[tuple[str | None, ...]],
    unparsed: tuple[str, ...],
) -> tuple[str, bytes]:
    """(ending, content) of a file with these rows; broken lines only fit into text."""
    if unparsed or not rows:
        form = "jsonl" if export.file.endswith(".jsonl") else "csv"
    if form == "gb18030" and not is_plain_chinese(rows):
        form = "csv"
    if form == "jsonl":
        objects = [
            json.dumps(dict(zip(export.names, row, strict=True)), ensure_ascii=False)
            for row in rows
        ]
        return "jsonl", ("\n".join([*objects, *unparsed]) + "\n").encode()
    if form == "parquet":
        return "parquet", parquet(export.names, rows)
    if form == "xlsx":
        return "xlsx", xlsx(export.names, rows)
    text = io.StringIO()
    delimiter = {"csv": ",", "tabs": "\t", "gb18030": ";"}[form]
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([export.names, *rows])
    text.writelines(line + "\n" for line in unparsed)
    encoding = {"csv": "utf-8", "tabs": "utf-8-sig", "gb18030": "gb18030"}[form]
    return "csv", text.getvalue().encode(encoding)


def is_plain_chinese(rows: list[tuple[str | None, ...]]) -> bool:
    """Whether GB18030 is told from other encodings: by the common characters."""
    text = "".join(value for row in rows for value in row if value)
    return text.encode("gb2312", "ignore").decode("gb2312") == text


def parquet(names: tuple[str, ...], rows: list[tuple[str | None, ...]]) -> bytes:
    columns = ", ".join(f"unnest(?::varchar[]) as {quoted(name)}" for name in names)
    values = [list(column) for column in zip(*rows, strict=True)]
    with duckdb.connect() as connection, tempfile.NamedTemporaryFile() as target:
        connection.sql(f"select {columns}", params=values).write_parquet(target.name)
        return Path(target.name).read_bytes()


def xlsx(names: tuple[str, ...], rows: list[tuple[str | None, ...]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (names, *rows):
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def content_of_raw(project: bare.Project, settings: Settings) -> set[tuple]:
    """What raw holds, wherever it stood: (feed, export time, cells, unparsed line).

    A row that came twice is held once, unless its feed has no key.
    """
    found = set()
    for export in read_exports(project, settings):
        place = export.source, export.feed, export.exported_at
        counted = Counter() if export.key else Counter(export.rows)
        for row in export.rows:
            cells = tuple(
                (name, value.strip())
                for name, value in sorted(zip(export.names, row, strict=True))
                if value and value.strip()
            )
            found.add((*place, cells, counted[row]))
        found |= {(*place, line) for line in export.unparsed}
    return found

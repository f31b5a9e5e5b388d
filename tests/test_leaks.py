"""Clear text of persons stays where it belongs: canaries planted everywhere say so.

Every column marked `pii` gets a text that stands nowhere else, in good rows and in bad
ones, in lines and files that cannot be read, in columns that nobody declared. Then all
that nights leave behind is searched for them: what readers get, and what operators do.
"""

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import sqlite3
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pytest
from nights import SAMPLE, SMALL, Night, run

from orchestration import formats, landing, logs, transform
from orchestration.contracts import Column, Feed, feeds
from orchestration.formats import literal, quoted
from orchestration.settings import Settings

pytestmark = pytest.mark.long  # nights of their own, and all that they leave is read

# After every export of the small company, so that these rows are the newest.
DAY = "2026-07-01"
# Letters that no hash has (nor a mask, which is of x) and no language puts in a row:
# five of them are a canary's. Between random bytes it takes eight.
LETTERS = "qzjkvw"
WINDOW, WINDOW_OF_BYTES = 5, 8
# Words that a channel may have and that are names of columns too.
MISLEADING = ("email", "phone", "store")
UNDECLARED = ("nickname", "home_address")
# Rows that fail an audit: more than half of all that came.
MANY = 2500


# --- canaries ------------------------------------------------------------------------


def chance(*words: object) -> int:
    return int(hashlib.sha256(repr(words).encode()).hexdigest(), 16)


@dataclass(frozen=True)
class Canary:
    """A text planted in one column of one row; `place` says what becomes of the row."""

    feed: str
    column: str
    place: str

    @property
    def seed(self) -> int:
        return chance(self.feed, self.column, self.place)

    def word(self, part: str) -> str:
        drawn = chance(self.seed, part)
        return "".join(LETTERS[drawn // 6**at % 6] for at in range(12))

    @property
    def day(self) -> date:
        return date(1800, 1, 1) + timedelta(days=self.seed % 36_000)

    @property
    def digits(self) -> str:
        return f"17{self.seed % 10**9:09d}"

    def value(self, kind: str = "text") -> str:
        """What stands in the file: of the column's type, and of its own looks."""
        if kind == "date":
            return self.day.isoformat()
        if "phone" in self.column:
            return f"+86 {self.digits[:3]}-{self.digits[3:7]} {self.digits[7:]}"
        if "email" in self.column:
            return f"{self.word('name').title()}@{self.word('domain')}.example"
        return f"{self.word('name').title()} {self.word('more')}"

    def hashes(self, kind: str) -> set[str]:
        """Hashes without a key, which anybody can make of a list of addresses."""
        value = self.value(kind)
        spellings = {value, value.lower(), value.upper(), re.sub(r"\D", "", value)}
        return {
            hashlib.new(name, spelling.encode()).hexdigest()
            for name in ("md5", "sha1", "sha256")
            for spelling in spellings
            if spelling
        }


def pieces(word: str, size: int) -> set[str]:
    return {word[at : at + size] for at in range(len(word) - size + 1)}


class Finder:
    """Finds canaries in text: whole or in part, in any case, as digits, hashed."""

    RUNS = re.compile(f"[{LETTERS}]{{{WINDOW},}}")
    DAYS = re.compile(r"(?<!\d)18\d\d[-/.]?\d\d[-/.]?\d\d(?!\d)")
    NUMBERS = re.compile(r"\d(?:[ ()./+-]{0,2}\d){10,}")
    HASHES = re.compile(r"[0-9a-f]{16,}")

    def __init__(self, planted: dict[Canary, str]) -> None:
        self.words: dict[str, set[Canary]] = defaultdict(set)
        self.numbers: dict[str, Canary] = {}
        self.days: dict[str, Canary] = {}
        self.hashes: dict[str, Canary] = {}
        for canary, kind in planted.items():
            value = canary.value(kind)
            for made in canary.hashes(kind):
                self.hashes[made[:16]] = canary
            if kind == "date":
                assert value not in self.days
                self.days[value.replace("-", "")] = canary
            elif "phone" in canary.column:
                self.numbers[canary.digits] = canary
            else:
                for word in self.RUNS.findall(value.lower()):
                    for size in (WINDOW, WINDOW_OF_BYTES):
                        for piece in pieces(word, size):
                            self.words[piece].add(canary)

    def found(self, text: str, least: int = WINDOW) -> set[Canary]:
        """Canaries of which `least` letters in a row, or all digits, are there."""
        text = text.lower()
        canaries = set()
        for word in set(self.RUNS.findall(text)):
            owners = [
                self.words[piece] for piece in pieces(word, least) & self.words.keys()
            ]
            if owners:
                # A whole word has one owner; a piece of one may have more.
                canaries |= set.intersection(*owners) or set.union(*owners)
        for day in set(self.DAYS.findall(text)):
            if canary := self.days.get(re.sub(r"\D", "", day)):
                canaries.add(canary)
        for number in set(self.NUMBERS.findall(text)):
            bare = re.sub(r"\D", "", number)
            for at in range(len(bare) - 10):
                if canary := self.numbers.get(bare[at : at + 11]):
                    canaries.add(canary)
        for made in set(self.HASHES.findall(text)):
            if made[:16] in self.hashes:
                canaries.add(self.hashes[made[:16]])
        return canaries


# --- planting ------------------------------------------------------------------------


@dataclass
class Planting:
    """A landing folder with canaries, and what was planted in it."""

    inbox: Path
    planted: dict[Canary, str] = field(default_factory=dict)

    def plant(self, feed: Feed, column: str, place: str, kind: str = "text") -> str:
        canary = Canary(feed.label, column, place)
        self.planted[canary] = kind
        return canary.value(kind)

    def filled(self, feed: Feed, row: dict[str, str], place: str) -> dict[str, str]:
        """The row with a canary in each personal column, and in undeclared ones."""
        personal = {
            column.name: self.plant(feed, column.name, place, column.type)
            for column in feed.columns
            if column.is_personal
        }
        others = {name: self.plant(feed, name, place) for name in UNDECLARED}
        return row | personal | others

    def file(self, feed: Feed, name: str) -> Path:
        path = self.inbox / feed.source / feed.name / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def personal_feeds() -> list[Feed]:
    return [
        feed
        for feed in feeds().values()
        if any(column.is_personal for column in feed.columns)
    ]


# Nobody has decided anything yet in either company.
WORDS = [
    {
        "decision_id": f"W{number}",
        "namespace": "",
        "record_id": f"C{number}",
        "other_namespace": "",
        "other_record_id": f"C{number + 10}",
        "verdict": ("same", "different")[number % 2],
        "decided_by": "E1",
        "decided_at": f"2026-06-1{number} 10:00:00",
        "reason": "",
        "updated_at": "",
    }
    for number in range(6)
]


def sample_rows(feed: Feed, scratch: Path) -> list[dict[str, str]]:
    """Real rows of the feed as text: of the small company, else of the sample."""
    if (feed.source, feed.name) == ("crm", "identity_decisions"):
        return WORDS
    for company in (SMALL, SAMPLE):
        for path in sorted((company / feed.source / feed.name).glob("*")):
            with duckdb.connect() as connection:
                formats.land(
                    connection,
                    path,
                    [column.name for column in feed.columns],
                    [],
                    formats.Provenance("", "", None),
                    scratch,
                )
                found = connection.execute(
                    f"select * from read_parquet({literal(str(scratch))}) "
                    "where _unparsed_line is null"
                )
                names = [column[0] for column in found.description]
                rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
            rows = [
                {column.name: row.get(column.name) or "" for column in feed.columns}
                for row in rows
            ]
            rows = [row for row in rows if is_usable(feed, row)]
            if len(rows) >= 5:
                return rows
    raise AssertionError(f"no rows of {feed.label}")


def is_usable(feed: Feed, row: dict[str, str]) -> bool:
    """No firm, whose name is no secret, and nothing after the day of the exports."""
    is_firm = row.get("customer_type") == "company"
    return not is_firm and row.get(feed.event or "", "") <= DAY


def at(row: dict[str, str], hour: int) -> dict[str, str]:
    return row | {"updated_at": f"{DAY}T{hour}:00:00+08:00"}


def checked_column(feed: Feed) -> Column:
    """A column that is not personal and does not take every text."""
    return next(
        column
        for column in feed.columns
        if not column.is_personal
        and column.type not in ("text", "integer")
        and column.name != "updated_at"
    )


def plant(planting: Planting, feed: Feed, rows: list[dict], number: int) -> None:
    """One file of the feed with every fate, and one without a header."""
    key = feed.columns[0].name
    newcomer = rows[4] | {key: f"{rows[4][key]}X"}
    if any(
        column.name == "source_customer_id" and not column.is_required
        for column in feed.columns
    ):
        newcomer["source_customer_id"] = ""  # a guest
    twice = planting.filled(feed, at(rows[1], 20), "duplicate")
    lines = [
        planting.filled(feed, at(rows[0], 19), "superseded"),
        planting.filled(feed, at(rows[0], 20), "staged"),
        twice,
        twice,
        planting.filled(feed, at(rows[2], 20), "quarantined")
        | {checked_column(feed).name: "teleported"},
        planting.filled(feed, at(newcomer, 20), "newcomer"),
    ]
    for column in feed.columns:
        if column.is_personal and column.type != "text":
            misread = f"misread {column.name}"
            row = planting.filled(feed, at(rows[2], 21), misread)
            row[column.name] = planting.plant(feed, column.name, misread)
            lines.append(row)
    unread = planting.filled(feed, at(rows[3], 20), "unparsed")
    write = (csv_file, json_file, xlsx_file)[number % 3]
    write(planting, feed, f"{feed.name}_{DAY}_canaries", lines, unread)
    undeclared = Feed("", feed.source, "diaries", None, (), False, False)
    diary = {name: planting.plant(undeclared, name, str(number)) for name in UNDECLARED}
    csv_file(planting, undeclared, f"diary_{number}", [diary], {})


def csv_file(
    planting: Planting, feed: Feed, name: str, rows: list[dict], unread: dict
) -> None:
    """`unread` has a field too many, and so cannot be read."""
    with planting.file(feed, f"{name}.csv").open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(rows[0])
        writer.writerows(row.values() for row in rows)
        if unread:
            writer.writerow([*unread.values(), "surplus"])


def json_file(
    planting: Planting, feed: Feed, name: str, rows: list[dict], unread: dict
) -> None:
    """The line of `unread` breaks off at its end."""
    lines = [json.dumps(row) for row in rows] + [json.dumps(unread)[:-1]]
    planting.file(feed, f"{name}.jsonl").write_text("\n".join(lines))


def xlsx_file(
    planting: Planting, feed: Feed, name: str, rows: list[dict], unread: dict
) -> None:
    book = openpyxl.Workbook()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    book.active.append([*unread.values(), "surplus"])
    book.save(planting.file(feed, f"{name}.xlsx"))


def plant_without_header(planting: Planting, feed: Feed, row: dict) -> Path:
    """A file whose first line is a person's; some of its cells are columns' names."""
    first = planting.filled(feed, row, "no header")
    names = {column.name for column in feed.columns}
    misleading = next((word for word in MISLEADING if word in names), None)
    for name in names:
        if misleading and "channel" in name:
            first[name] = misleading
    cells = [value or f"{name} 1" for name, value in first.items()]
    path = planting.file(feed, f"{feed.name}_{DAY}_headless.csv")
    with path.open("w", newline="") as target:
        csv.writer(target).writerow(cells)
    return path


def plant_torn(planting: Planting, feed: Feed, row: dict) -> Path:
    """A file of which most lines cannot be read: Great Expectations rejects it."""
    torn = planting.filled(feed, row, "torn")
    name = f"{feed.name}_{DAY}_torn"
    path = planting.file(feed, f"{name}.csv")
    csv_file(planting, feed, name, [torn], torn)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:-1], *(lines[-1:] * 40)]))
    return path


def plant_bad_orders(planting: Planting, row: dict) -> None:
    """More bad orders than an audit lets pass."""
    feed = feeds()["shop", "orders"]
    bad = planting.filled(feed, at(row, 10) | {"status": "teleported"}, "audited")
    orders = [bad | {"order_id": f"BAD{number}"} for number in range(MANY)]
    csv_file(planting, feed, f"bad_{DAY}", orders, {})


# --- what nights leave behind --------------------------------------------------------


def columns_of(
    connection: duckdb.DuckDBPyConnection, relation: str
) -> Iterator[tuple[str, str]]:
    """(column, every value of it as text) of a table or Parquet file."""
    for name, *_ in connection.execute(f"describe from {relation}").fetchall():
        (text,) = connection.execute(
            f"select string_agg(distinct {quoted(name)}::varchar, chr(10)) "
            f"from {relation}"
        ).fetchone()
        yield name, text or ""


def database_texts(
    path: Path, settings: Settings, schemas: Iterable[str] | None = None
) -> Iterator[tuple[str, str]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute(f"set file_search_path = {literal(str(settings.data_dir))}")
        relations = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_catalog = current_database() order by all"
        ).fetchall()
        for schema, table in relations:
            if schemas is None or schema in schemas:
                name = f"{quoted(schema)}.{quoted(table)}"
                for column, text in columns_of(connection, name):
                    yield f"{schema}.{table}.{column}", text


def sqlite_texts(path: Path) -> Iterator[tuple[str, str]]:
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    tables = connection.execute(
        "select name from sqlite_master where type = 'table'"
    ).fetchall()
    for (table,) in tables:
        name = table.decode()
        for row in connection.execute(f'select * from "{name}"'):
            cells = [
                cell.decode("utf-8", "replace")
                if isinstance(cell, bytes)
                else str(cell)
                for cell in row
            ]
            yield name, "\n".join(cells)
    connection.close()


def book_texts(path: Path) -> Iterator[tuple[str, str]]:
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows(values_only=True):
            yield sheet.title, "\n".join(str(cell) for cell in row)


def unpacked(content: bytes) -> Iterator[bytes]:
    """What is packed into a page: base64, compressed or not."""
    for packed in re.findall(rb"[A-Za-z0-9+/]{40,}={0,2}", content):
        try:
            inside = base64.b64decode(packed + b"=" * (-len(packed) % 4))
        except ValueError:
            continue
        yield inside
        for wbits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
            try:
                yield zlib.decompress(inside, wbits)
            except zlib.error:
                continue


def file_texts(path: Path, settings: Settings) -> Iterator[tuple[str, str]]:
    """(where, text) of all that stands in a file, decoded, and its bare bytes."""
    content = path.read_bytes()
    if path.suffix == ".duckdb":
        yield from database_texts(path, settings)
    elif path.suffix == ".parquet":
        with duckdb.connect() as connection:
            yield from columns_of(connection, f"read_parquet({literal(str(path))})")
    elif path.suffix == ".db":
        yield from sqlite_texts(path)
    elif path.suffix == ".xlsx":
        yield from book_texts(path)
    elif path.suffix == ".html":
        for inside in unpacked(content):
            yield BYTES, inside.decode("utf-8", "replace")
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                yield BYTES, packed.read(name).decode("utf-8", "replace")
    yield BYTES, content.decode("utf-8", "replace")


BYTES = "bytes"
BUILD = "build/warehouse.duckdb"
# Where clear text belongs, and nowhere else under DATA_DIR.
CLEAR_SCHEMAS = {"raw", "staging", "restricted"}


def is_clear(place: Path) -> bool:
    """Whether a file under DATA_DIR holds deliveries as they came."""
    top, second = place.parts[0], place.parts[1] if len(place.parts) > 1 else ""
    if top == "rejected":
        return not place.name.endswith(".reason.txt")
    return top == "raw" and second != landing.OURS


def search(
    finder: Finder, texts: Iterable[tuple[str, str]], prefix: str
) -> dict[Canary, set[str]]:
    places = defaultdict(set)
    for where, text in texts:
        least = WINDOW_OF_BYTES if where == BYTES else WINDOW
        for canary in finder.found(text, least):
            places[canary].add(f"{prefix}: {where}")
    return places


# --- the nights ----------------------------------------------------------------------


REJECTED = {"no header", "torn"}


@dataclass(frozen=True)
class Nights:
    """A night stopped by rejected files, then one that is published."""

    planting: Planting
    stopped: Night
    published: Night

    @property
    def settings(self) -> Settings:
        return self.published.settings

    @property
    def finder(self) -> Finder:
        return Finder(self.planting.planted)

    def clear(self, place: str) -> set[Canary]:
        """Canaries in files below `place` of DATA_DIR, where they may stand."""
        found, finder = set(), self.finder
        for path in sorted((self.settings.data_dir / place).rglob("*.*")):
            name = path.relative_to(self.settings.data_dir)
            if path.is_file() and is_clear(name):
                texts = file_texts(path, self.settings)
                found |= search(finder, texts, str(name)).keys()
        return found


def leaks(nights: Nights, *others: Night) -> dict[Canary, set[str]]:
    """Canaries in all that nights left and said, but where clear text belongs."""
    settings, finder = nights.settings, nights.finder
    found, searched = defaultdict(set), set()
    for path in sorted(settings.data_dir.rglob("*")):
        name = path.relative_to(settings.data_dir)
        if not path.is_file() or is_clear(name) or name.parts[0] == "published":
            continue  # `published` leads to the newest of the snapshots
        searched.add(name.parts[0])
        texts = file_texts(path, settings)
        if str(name) == BUILD:
            others_of_build = schemas(path) - CLEAR_SCHEMAS
            assert {"intermediate", "reference"} <= others_of_build
            texts = database_texts(path, settings, others_of_build)
        for canary, places in search(finder, texts, str(name)).items():
            found[canary] |= places
    for number, night in enumerate((nights.stopped, nights.published, *others)):
        said = [("output", night.output)]
        for canary, places in search(finder, said, f"night {number}").items():
            found[canary] |= places
    assert searched >= {"snapshots", "logs", "data_docs", "dagster", "build", "raw"}
    return found


def told(found: dict[Canary, set[str]]) -> str:
    return "\n".join(
        f"{canary.feed}.{canary.column}, {canary.place}: {sorted(places)[:5]}"
        for canary, places in found.items()
    )


def schemas(database: Path) -> set[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select distinct table_schema from information_schema.tables"
        ).fetchall()
    return {schema for (schema,) in rows}


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> Nights:
    folder = tmp_path_factory.mktemp("leaks")
    inbox, data = folder / "landing", folder / "data"
    shutil.copytree(SMALL, inbox)
    planting = Planting(inbox)
    stopping = []
    for number, feed in enumerate(personal_feeds()):
        rows = sample_rows(feed, folder / "scratch.parquet")
        plant(planting, feed, rows, number)
        headless = plant_without_header(planting, feed, rows[0])
        torn = plant_torn(planting, feed, rows[3])
        if feed.is_required:
            stopping += [headless, torn]
    stopped = run(inbox, data)
    assert stopped.code == 1, stopped.output
    for path in stopping:
        path.unlink()
    published = run(inbox, data)
    assert published.code == 0, published.output
    return Nights(planting, stopped, published)


def test_the_nights_went_as_meant(nights):
    for feed in personal_feeds():
        night = nights.stopped if feed.is_required else nights.published
        for kind in ("headless", "torn"):
            file = f"{feed.label}/{feed.name}_{DAY}_{kind}.csv"
            assert f"{file} was rejected" in night.output
    assert "unparsed_share is 0.9" in nights.stopped.output
    statuses = nights.published.query(
        "select status from quality.runs order by started_at"
    )
    assert statuses == [("failed",), ("published",)]


def test_every_canary_is_found_where_clear_text_belongs(nights):
    """Else the search below would find nothing for want of eyes."""
    planted = set(nights.planting.planted)
    rejected = {canary for canary in planted if canary.place in REJECTED}
    assert nights.clear("raw") == planted - rejected
    assert nights.clear("rejected") == rejected
    build, finder = nights.settings.data_dir / BUILD, nights.finder
    for schema in CLEAR_SCHEMAS - {"raw"}:
        texts = database_texts(build, nights.settings, {schema})
        found = {canary.place for canary in search(finder, texts, schema)}
        assert {"staged", "newcomer"} <= found, schema
    assert {canary.place for canary in planted} >= {
        *("staged", "superseded", "duplicate", "quarantined", "unparsed", "newcomer"),
        *REJECTED,
    }
    assert len(planted) > 300
    assert {canary.feed for canary in planted} >= {
        feed.label for feed in personal_feeds()
    }


def test_rows_with_canaries_had_every_fate(nights):
    for feed in personal_feeds():
        counts = nights.published.one(
            "select sum(staged_count) >= 3, sum(superseded_count) >= 1, "
            "sum(duplicate_count) = 1, sum(quarantined_count) >= 2 "
            "from quality.row_conservation where "
            f"source = '{feed.source}' and feed = '{feed.name}' "
            "and file like '%canaries%'"
        )
        assert counts == (True,) * 4, feed.label
    assert nights.published.one(
        "select count(*) > 0 from marts.orders where guest_key is not null "
        "and order_id like '%X'"
    ) == (True,)
    assert nights.published.one("select count(*) > 0 from marts.churn_worklist")[0]


def test_nothing_that_a_night_leaves_or_says_holds_clear_text(nights):
    found = leaks(nights)
    assert not found, told(found)


def test_a_mask_shows_the_first_character_at_most(nights):
    names = nights.published.query(
        "select distinct customer_name_masked from marts.customers "
        "where customer_type is distinct from 'company' "
        "and customer_name_masked is not null"
    )
    assert len(names) > 5
    assert all(re.fullmatch(r".\*+", name) for (name,) in names)
    personal = {
        (feed.source, feed.name, column.name)
        for feed in feeds().values()
        for column in feed.columns
        if column.is_personal
    }
    seen = [
        value
        for source, feed, column, value in nights.published.query(
            "select source, feed, column_name, value_masked "
            "from quality.quarantined_rows"
        )
        if (source, feed, column) in personal or not column
    ]
    assert len(seen) > 10
    assert all(re.fullmatch(r"[9x ,;|:@./\"+-]*", value) for value in seen)


def test_nor_does_a_night_that_its_audit_stops(nights):
    """After the others: it leaves more in their folder."""
    feed = feeds()["shop", "orders"]
    scratch = nights.planting.inbox.parent / "scratch.parquet"
    plant_bad_orders(nights.planting, sample_rows(feed, scratch)[0])
    unaudited = run(nights.planting.inbox, nights.settings.data_dir)
    assert unaudited.code == 1
    assert "row_conservation failed its check expectations" in unaudited.output
    assert {canary.place for canary in nights.clear("raw")} >= {"audited"}
    found = leaks(nights, unaudited)
    assert not found, told(found)


# --- what is said of things that fail ------------------------------------------------


def test_the_search_finds_parts_other_cases_digits_days_and_hashes():
    mail = Canary("crm/customers", "email", "staged")
    phone = Canary("crm/customers", "phone", "staged")
    born = Canary("crm/customers", "birth_date", "staged")
    finder = Finder({mail: "text", phone: "text", born: "date"})
    address = mail.value()
    for text in (
        address.upper(),
        f"***{address[-13:-8]}",
        hashlib.sha256(address.lower().encode()).hexdigest(),
        hashlib.md5(address.encode()).hexdigest()[:16],
    ):
        assert finder.found(text) == {mail}, text
    for text in (phone.value(), phone.digits, f"86{phone.digits}"):
        assert finder.found(text) == {phone}, text
    for text in (f"{born.day} 00:00:00", f"{born.day:%Y/%m/%d}", f"{born.day:%Y%m%d}"):
        assert finder.found(text) == {born}, text
    assert finder.found(f"{address[0]}***@***, 1**** 2026-06-30 10:00:00") == set()


def words_of(error: type[Exception], query: str) -> str:
    with duckdb.connect() as connection, pytest.raises(error) as raised:
        connection.execute(query)
    return str(raised.value)


@pytest.mark.parametrize(
    ("error", "query"),
    [
        (duckdb.ConversionException, "select cast('Jane O''Hara' as integer)"),
        (duckdb.ConversionException, "select cast('Jane'::varchar as decimal(18, 4))"),
        (
            duckdb.ConstraintException,
            "create table t (k text unique); insert into t values ('Jane'), ('Jane')",
        ),
        (duckdb.InvalidInputException, "select strptime('Jane', '%Y')"),
        (duckdb.InvalidInputException, """select json('{Jane')"""),
    ],
)
def test_an_error_that_quotes_a_row_is_told_without_it(error, query):
    said = words_of(error, query)
    assert "Jane" in said
    row = {
        "unique_id": "model.tierkeeper.orders",
        "status": "error",
        "message": f"Runtime Error in model orders (models/orders.sql)\n  {said}",
    }
    for sentence in (transform.sentence(row), logs.without_values(said)):
        assert "Jane" not in sentence
        assert "Error in the value of a row" in sentence


def test_an_error_about_sql_is_told_in_full():
    said = words_of(duckdb.BinderException, "select nobody from range(3) as t")
    assert "nobody" in logs.without_values(said)

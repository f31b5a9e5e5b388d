"""From a file as it came to one Parquet file of text, losing nothing on the way."""

import codecs
import csv
import json
import re
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

import duckdb
import openpyxl

DELIMITERS = (",", ";", "\t", "|")
READERS = {
    ".csv": "CSV",
    ".tsv": "CSV",
    ".txt": "CSV",
    ".parquet": "Parquet",
    ".jsonl": "JSON lines",
    ".ndjson": "JSON lines",
    ".xlsx": "XLSX",
}
# A quoted field may hold line breaks; more than this and the quote was never closed.
LONGEST_RECORD_IN_LINES = 200
# In bytes; what is longer has lost its line breaks.
LONGEST_RECORD = 16 << 20
# The share of its letters beyond ASCII that any Chinese text has from GB 2312. Latin-1
# can pass for GB18030, but then reads as characters that nobody writes.
LEAST_COMMON_SHARE = 0.25
# DuckDB's own name for where a row stands, which the view of raw asks for.
RESERVED = "file_row_number"

csv.field_size_limit(LONGEST_RECORD)
# openpyxl warns of styles and drop-down lists, which hold no data.
warnings.filterwarnings("ignore", module="openpyxl")


class Refused(Exception):
    """A file that cannot be landed; the message says why, and what to do.

    It never holds what stands in a row: rows are personal, messages are for everyone.
    """


@dataclass(frozen=True)
class Provenance:
    """Where every row of one batch came from, as constants beside its columns."""

    file: str
    batch: str
    exported_at: datetime | None  # UTC, naive

    def columns(self) -> str:
        exported = f"'{self.exported_at}'" if self.exported_at else "null"
        return (
            f"{literal(self.file)} as _file, {literal(self.batch)} as _batch, "
            f"cast({exported} as timestamp) as _exported_at"
        )


@dataclass(frozen=True)
class Landed:
    """What came of one file: rows that could be read, lines that could not."""

    row_count: int
    unparsed_count: int
    encoding: str


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def located(path: Path) -> str:
    """A path as DuckDB's readers take it: its [, * and ? are no pattern."""
    return literal(re.sub(r"([\[*?])", r"[\1]", str(path)))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def land(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    declared: Iterable[str],
    required: Iterable[str],
    provenance: Provenance,
    target: Path,
) -> Landed:
    """Write `path` to the Parquet file `target`, every column as text.

    The target has the file's columns (declared ones under their declared spelling)
    and `_file`, `_batch`, `_exported_at`, `_first_row` (the row number of its first
    row, a header counting as row 1), `_row_number` (where it is not that of the first
    row and one more for each row since), `_unparsed_line` (a line that could not be
    read, as it stood, else null). Raises Refused when the file as a whole cannot be
    read or lacks a column.
    """
    kind = READERS.get(path.suffix.lower())
    if kind is None:
        raise Refused(
            f"the ending {path.suffix or '(none)'} is not known: deliver one of "
            f"{', '.join(READERS)}."
        )
    work = Work(connection, path, tuple(declared), tuple(required), provenance, target)
    reader = {
        "CSV": land_csv,
        "Parquet": land_parquet,
        "JSON lines": land_json_lines,
        "XLSX": land_xlsx,
    }[kind]
    try:
        return reader(work)
    except duckdb.OutOfMemoryException:
        raise Refused(
            "it needs more memory than MEMORY_LIMIT allows: raise that, or deliver "
            "the export in parts."
        ) from None
    except duckdb.IOException:  # a full disk is no fault of the file
        raise
    except duckdb.Error:
        raise damaged(kind) from None


def damaged(kind: str) -> Refused:
    return Refused(
        f"it cannot be read as {kind}, it is cut off, damaged or of another kind: "
        "export it again."
    )


@dataclass(frozen=True)
class Work:
    """One file on its way, with what its reader needs."""

    connection: duckdb.DuckDBPyConnection
    path: Path
    declared: tuple[str, ...]
    required: tuple[str, ...]
    provenance: Provenance
    target: Path

    def names(self, found: list[str]) -> list[str]:
        """The raw column names for a header; refuses one that cannot be loaded.

        A header of which few columns are declared may be a first row, that is
        somebody's data (a channel is called `email`, and so is a column): then only
        what is declared of it stands in the messages.
        """
        spelling = {name.lower(): name for name in self.declared}
        names = [spelling.get(name.strip().lower(), name.strip()) for name in found]
        folded = [name.lower() for name in names]
        known = [name for name in names if name in self.declared]
        is_header = 2 * len(known) >= len(names)

        def column(at: int) -> str:
            is_told = is_header or names[at] in known
            return f"column {at + 1}" + (f" ({names[at]})" if is_told else "")

        for at, name in enumerate(folded):
            if not name:
                raise Refused(
                    f"column {at + 1} of the header has no name: name every column."
                )
            if name in folded[:at]:
                raise Refused(
                    f"{column(folded.index(name))} and {column(at)} of the header have "
                    "the same name: keep one of them, or give each its own."
                )
            if name.startswith("_") or name == RESERVED:
                raise Refused(
                    f"{column(at)} of the header has a name kept for provenance (it "
                    f"begins with an underscore, or is {RESERVED}): rename it."
                )
        missing = [name for name in self.required if name.lower() not in folded]
        if missing:
            several = len(missing) > 1
            told = ", ".join(names if is_header else known)
            if known and not is_header:
                told += " and others that are not declared"
            raise Refused(
                f"the required column{'s' if several else ''} {', '.join(missing)} "
                f"{'are' if several else 'is'} missing. "
                f"Expected {', '.join(self.required)}; found "
                f"{told or 'no declared column at all'}. "
                "Export the file again with that header."
            )
        return names

    def copy(
        self,
        columns: Iterable[str],
        source: str,
        *,
        first_row: int,
        row_number: str = "null",
        unparsed_line: str = "null",
    ) -> int:
        """Write rows with their provenance to the target; how many there were."""
        selected = ", ".join(
            [
                *columns,
                self.provenance.columns(),
                f"{first_row} as _first_row",
                f"cast({row_number} as bigint) as _row_number",
                f"cast({unparsed_line} as varchar) as _unparsed_line",
            ]
        )
        copied = self.connection.execute(
            f"copy (select {selected} from {source}) "
            f"to {literal(str(self.target))} (format parquet)"
        ).fetchone()
        return copied[0]

    @property
    def clean(self) -> Path:
        """Where a file is rewritten that DuckDB cannot read as it is."""
        return self.target.with_name(self.target.name + ".clean")


# --- delimited text ------------------------------------------------------------------


def land_csv(work: Work) -> Landed:
    refuse_utf16(work.path)
    try:
        skipped, delimiter, names = header(work, "utf-8")
        scan = csv_scan(work.path, delimiter, names, f"skip = {skipped}")
        columns = [quoted(name) for name in names]
        return Landed(work.copy(columns, scan, first_row=2), 0, "utf-8")
    except (UnicodeDecodeError, duckdb.InvalidInputException):
        # Another encoding, a broken line, mixed line ends: DuckDB gives up on the
        # whole file, so each record is tried by itself.
        encoding = encoding_of(work.path)
    skipped, delimiter, names = header(work, encoding)
    with work.path.open(encoding=encoding, newline="") as text:
        lines = islice(unmarked(text), skipped, None)
        records = records_of(lines, delimiter, len(names))
        return land_records(work, names, records, delimiter, encoding)


def refuse_utf16(path: Path) -> None:
    """Text of two bytes a character; without its mark it passes for UTF-8."""
    with path.open("rb") as source:
        start = source.read(4)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in start:
        raise Refused("the text is UTF-16 or UTF-32: save it as UTF-8.")


def encoding_of(path: Path) -> str:
    """utf-8 or gb18030, whichever the whole file is; Refused if it is neither."""
    try:
        for _ in decoded(path, "utf-8"):
            pass
        return "utf-8"
    except UnicodeDecodeError as error:
        furthest = error.start, error.reason
    letters = common = 0
    try:
        for text in decoded(path, "gb18030"):
            plain = len(text.encode("ascii", "ignore"))
            letters += len(text) - plain
            common += (len(text.encode("gb2312", "ignore")) - plain) // 2
        if common >= letters * LEAST_COMMON_SHARE:
            return "gb18030"
    except UnicodeDecodeError as error:
        furthest = max(furthest, (error.start, error.reason))
    raise Refused(
        f"the text is neither UTF-8 nor GB18030: {furthest[1]}. Save it as UTF-8."
    )


def decoded(path: Path, encoding: str) -> Iterator[str]:
    """The text in pieces; on a bad byte, an error whose reason says which and where."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = offset = 0
    with path.open("rb") as source:
        while True:
            chunk = source.read(8 << 20)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line = lines + error.object[: error.start].count(b"\n") + 1
                byte = error.object[error.start]
                error.start += offset - (len(error.object) - len(chunk))
                error.reason = (
                    f"byte 0x{byte:02X} in line {line} (byte {error.start + 1})"
                )
                raise
            yield text
            if not chunk:
                return
            lines += chunk.count(b"\n")
            offset += len(chunk)


def header(work: Work, encoding: str) -> tuple[int, str, list[str]]:
    """How many blank lines come first, the delimiter, and the names of the columns.

    The delimiter is the one that splits the header into the most names that we know;
    among several, into the most names.
    """
    with work.path.open(encoding=encoding, newline="") as text:
        skipped, first = first_record(unmarked(text))
    if not first:
        raise Refused("the file is empty: even without rows it needs its header.")
    known = {name.lower() for name in work.declared}

    def names(delimiter: str) -> list[str]:
        return next(csv.reader(first, delimiter=delimiter))

    def fit(delimiter: str) -> tuple[int, int]:
        found = names(delimiter)
        return len(known & {name.strip().lower() for name in found}), len(found)

    try:
        best = max(DELIMITERS, key=fit)
    except csv.Error:  # a name longer than any record may be
        raise Refused(
            "its first line is no header: line breaks are lost, export the file again."
        ) from None
    return skipped, best, work.names(names(best))


def first_record(text: Iterable[str]) -> tuple[int, list[str]]:
    """How many blank lines come first, and the lines until every quote is closed."""
    skipped, lines = 0, []
    for line in text:
        if not lines and not line.strip():
            skipped += 1
            continue
        lines.append(line)
        if "".join(lines).count('"') % 2 == 0:
            return skipped, lines
        if len(lines) > LONGEST_RECORD_IN_LINES:
            break
    return skipped, lines[:1]


def unmarked(text: Iterable[str]) -> Iterator[str]:
    """Lines without the byte order mark."""
    lines = iter(text)
    for first in lines:
        yield first.removeprefix("\ufeff")
        yield from lines


def csv_scan(path: Path, delimiter: str, names: list[str], options: str) -> str:
    columns = ", ".join(f"{literal(name)}: 'varchar'" for name in names)
    return (
        f"read_csv({located(path)}, header = true, auto_detect = false, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', "
        f"strict_mode = true, null_padding = false, hive_partitioning = false, "
        f"columns = {{{columns}}}, {options})"
    )


def records_of(
    lines: Iterator[str], delimiter: str, width: int
) -> Iterator[tuple[int, str | None, str]]:
    """(number, the record as CSV, its text) of each record below the header.

    Blank lines are no records. Where a quote is never closed, or closed such that the
    fields are too few or too many, that line alone is given up (None): those after it
    are tried for themselves.
    """
    ahead: deque[str] = deque()

    def next_line() -> str:
        return ahead.popleft() if ahead else next(lines, "")

    number = 0
    while True:
        is_second_try = bool(ahead)
        line = next_line()
        if not line:
            return
        bare = line.rstrip("\r\n")
        if not bare:
            continue
        number += 1
        row: str | None = bare
        if '"' in bare or bare.count(delimiter) != width - 1:
            whole, fields = record_from(line, next_line, delimiter)
            while len(fields) > width and not fields[-1]:
                fields.pop()  # as DuckDB does
            # A line with one quote may be the rest of the record that was given up.
            is_rest = is_second_try and len(whole) == 1 and line.count('"') % 2
            if len(fields) == width and not is_rest:
                row, bare = csv_text(fields, delimiter), "".join(whole)
            else:
                row = None
                ahead.extendleft(reversed(whole[1:]))
        if number > 1:
            yield number, row, bare


def record_from(
    line: str, next_line: Callable[[], str], delimiter: str
) -> tuple[list[str], list[str]]:
    """The lines of the record that begins with `line`, and its fields if it ends."""
    lines = [line]
    while len(lines) <= LONGEST_RECORD_IN_LINES:
        try:
            return lines, next(csv.reader(lines, delimiter=delimiter, strict=True))
        except csv.Error as error:
            if "unexpected end of data" not in str(error):
                return lines, []
        while len(lines) <= LONGEST_RECORD_IN_LINES:
            following = next_line()
            if not following:
                return lines, []
            lines.append(following)
            if '"' in following:  # only a quote ends what a quote began
                break
    return lines, []


def csv_text(fields: Iterable[str], delimiter: str) -> str:
    return delimiter.join('"' + field.replace('"', '""') + '"' for field in fields)


def land_records(
    work: Work,
    names: list[str],
    records: Iterable[tuple[int, str | None, str]],
    delimiter: str,
    encoding: str,
) -> Landed:
    """Land (row number, row as CSV, or None for a line that is no row, its text)."""
    rows = unparsed = 0
    without_fields = delimiter * (len(names) - 1)
    try:
        with work.clean.open("w", encoding="utf-8", newline="") as target:
            target.write("of our own\n")
            for number, row, text in records:
                if 4 * len(text) > LONGEST_RECORD < len(text.encode()):
                    raise Refused(
                        f"row {number} is longer than {LONGEST_RECORD >> 20} MB, its "
                        "line breaks are lost: export the file again."
                    )
                if row is None:
                    unparsed += 1
                    line = csv_text([text], delimiter)
                    target.write(
                        f"{without_fields}{delimiter}{number}{delimiter}{line}\n"
                    )
                else:
                    rows += 1
                    target.write(f"{row}{delimiter}{number}{delimiter}\n")
        work.copy(
            [quoted(name) for name in names],
            csv_scan(
                work.clean,
                delimiter,
                [*names, "_number", "_line"],
                # Quotes double when they are quoted.
                f"max_line_size = {2 * LONGEST_RECORD + (1 << 20)}",
            ),
            first_row=2,
            row_number="_number",
            unparsed_line="_line",
        )
    finally:
        work.clean.unlink(missing_ok=True)
    return Landed(rows, unparsed, encoding)


# --- the other formats ---------------------------------------------------------------


def land_parquet(work: Work) -> Landed:
    source = f"read_parquet({located(work.path)}, hive_partitioning = false)"
    described = work.connection.execute(f"describe select * from {source}").fetchall()
    names = work.names([row[0] for row in described])
    columns = [
        f"{as_text(found, type_)} as {quoted(name)}"
        for (found, type_, *_), name in zip(described, names, strict=True)
    ]
    return Landed(work.copy(columns, source, first_row=1), 0, "parquet")


def as_text(name: str, type_: str) -> str:
    nested = type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION"))
    column = quoted(name)
    return f"to_json({column})::varchar" if nested else f"{column}::varchar"


def land_json_lines(work: Work) -> Landed:
    refuse_utf16(work.path)
    try:
        return land_lines(work, line_scan(work.path, quote=""), "utf-8")
    except duckdb.InvalidInputException:  # as with CSV
        encoding = encoding_of(work.path)
    try:
        with (
            work.path.open(encoding=encoding) as text,
            work.clean.open("w", encoding="utf-8", newline="") as target,
        ):
            target.writelines(
                csv_text([line.rstrip("\n")], ",") + "\n" for line in text
            )
        return land_lines(work, line_scan(work.clean, quote='"'), encoding)
    finally:
        work.clean.unlink(missing_ok=True)


def line_scan(path: Path, quote: str) -> str:
    # A control character cannot stand in valid JSON, so it never splits a line.
    return (
        f"read_csv({located(path)}, header = false, auto_detect = false, "
        f"delim = '\x1f', quote = '{quote}', escape = '{quote}', "
        "columns = {'line': 'varchar'}, parallel = false, hive_partitioning = false, "
        f"max_line_size = {2 * LONGEST_RECORD})"
    )


def land_lines(work: Work, scan: str, encoding: str) -> Landed:
    """Land the column `line` of `scan`, a JSON object or a line that is none."""
    connection = work.connection
    try:
        connection.execute(f"""
            create or replace temp table json_lines as
            with
            trimmed as (
                select row_number() over () as _number,
                    nullif(trim(ltrim(line, chr(65279)), chr(9) || chr(13) || ' '), '')
                        as _line
                from {scan}
            ),
            keyed as (
                select *, case when json_valid(_line) then
                    case when json_type(_line) = 'OBJECT' then json_keys(_line) end
                end as _keys
                from trimmed
            )
            -- A key named twice would hide one of its values.
            select *, coalesce(len(list_distinct(_keys)) = len(_keys), false)
                as _is_object
            from keyed
            where _line is not null
        """)
        found = [
            name
            for (name,) in connection.execute("""
                select name
                from (
                    select unnest(_keys) as name, _number
                    from json_lines where _is_object
                )
                group by name order by min(_number), name
            """).fetchall()
        ]
        objects, lines = connection.execute(
            "select count(*) filter (_is_object), count(*) from json_lines"
        ).fetchone()
        if lines and not objects:
            raise Refused(
                "no line of it is a JSON object: write one object a line, "
                'such as {"id": 1}.'
            )
        names = work.names(found) if objects else []
        work.copy(
            [
                f"case when _is_object then _line ->> {literal(json_pointer(key))} end "
                f"as {quoted(name)}"
                for key, name in zip(found, names, strict=True)
            ],
            "json_lines",
            first_row=1,
            row_number="_number",
            unparsed_line="case when not _is_object then _line end",
        )
    finally:
        connection.execute("drop table if exists json_lines")
    return Landed(objects, lines - objects, encoding)


def json_pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def land_xlsx(work: Work) -> Landed:
    rows = sheet_rows(work.path)
    header = next(rows, [])
    while header and not header[-1]:
        header.pop()
    if not header:
        raise Refused(
            "its first sheet has nothing in row 1: even without rows it needs its "
            "header there."
        )
    names = work.names(header)

    def records() -> Iterator[tuple[int, str | None, str]]:
        for number, cells in enumerate(rows, start=2):
            if any(cells[len(names) :]):
                yield number, None, json.dumps(cells, ensure_ascii=False)
            elif any(cells):
                fields = cells[: len(names)]
                fields += [""] * (len(names) - len(fields))
                yield number, csv_text(fields, ","), ""

    return land_records(work, names, records(), ",", "xlsx")


def sheet_rows(path: Path) -> Iterator[list[str]]:
    """Each row of the first sheet as text, empty ones too."""
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some programs write them wrong
            for cells in sheet.iter_rows(values_only=True):
                yield [cell_text(cell) for cell in cells]
        finally:
            book.close()
    except Exception:  # openpyxl lets errors of zip, XML and itself pass
        raise damaged("XLSX") from None


def cell_text(cell: object) -> str:
    """A cell as text: numbers without a needless .0, times in ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else str(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)

"""From a file as it came to one Parquet file of text, losing nothing on the way."""

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import duckdb
import openpyxl

DELIMITERS = (",", ";", "\t", "|")
READERS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".jsonl": "json",
    ".ndjson": "json",
    ".xlsx": "xlsx",
}
# A quoted field may hold line breaks; more than this and the quote was never closed.
LONGEST_RECORD_IN_LINES = 200


class Refused(Exception):
    """A file that cannot be landed; the message says why, and what to do."""


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
    row, a header counting as row 1), `_row_number` (filled only where lines before
    it could not be read), `_unparsed_line` (such a line as it stood, else null).
    Raises Refused when the file as a whole cannot be read or lacks a column.
    """
    kind = READERS.get(path.suffix.lower())
    if kind is None:
        raise Refused(
            f"the ending {path.suffix or '(none)'} is not known: deliver one of "
            f"{', '.join(READERS)}."
        )
    work = Work(connection, path, tuple(declared), tuple(required), provenance, target)
    return {
        "csv": land_csv,
        "parquet": land_parquet,
        "json": land_json_lines,
        "xlsx": land_xlsx,
    }[kind](work)


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
        """The raw column names for a header; refuses one that cannot be loaded."""
        spelling = {name.lower(): name for name in self.declared}
        names = [spelling.get(name.strip().lower(), name.strip()) for name in found]
        folded = [name.lower() for name in names]
        for name in names:
            if not name:
                raise Refused(
                    f"column {names.index(name) + 1} of the header has no name "
                    f"(found: {', '.join(names)}): name every column."
                )
            if folded.count(name.lower()) > 1:
                raise Refused(
                    f"the header names the column {name} twice: keep one of them."
                )
            if name.startswith("_"):
                raise Refused(
                    f"the column {name} begins with an underscore, which is kept for "
                    "provenance: rename it."
                )
        missing = [name for name in self.required if name.lower() not in folded]
        if missing:
            raise Refused(
                f"the required column{'s' if len(missing) > 1 else ''} "
                f"{', '.join(missing)} {'are' if len(missing) > 1 else 'is'} missing. "
                f"Expected {', '.join(self.required)}; found {', '.join(names)}. "
                "Export the file again with that header."
            )
        return names

    def copy(self, query: str) -> int:
        """Write the query's rows to the target; how many there were."""
        copied = self.connection.execute(
            f"copy ({query}) to {literal(str(self.target))} (format parquet)"
        ).fetchone()
        return copied[0]

    def beside(self, ending: str) -> Path:
        return self.target.with_name(self.target.name + ending)


# --- delimited text ------------------------------------------------------------------


def land_csv(work: Work) -> Landed:
    text_path, encoding = as_utf8(work)
    try:
        with text_path.open(encoding="utf-8-sig", newline="") as text:
            header = first_record(text)
        if not header.strip():
            raise Refused("the file is empty: even without rows it needs its header.")
        delimiter = delimiter_of(header, work.declared)
        names = work.names(next(csv.reader([header], delimiter=delimiter)))
        try:
            rows, unparsed = fast_csv(work, text_path, delimiter, names)
        except duckdb.Error:
            # Mixed line ends, a quote never closed: DuckDB gives up on the whole
            # file, so each line is tried by itself.
            rows, unparsed = careful_csv(work, text_path, delimiter, names)
    finally:
        if text_path != work.path:
            text_path.unlink(missing_ok=True)
    return Landed(rows, unparsed, encoding)


def as_utf8(work: Work) -> tuple[Path, str]:
    """A path to the file as UTF-8, and the encoding that it came in."""
    try:
        with work.path.open("rb") as source:
            for _ in decoded(source, "utf-8"):
                pass
        return work.path, "utf-8"
    except UnicodeDecodeError as error:
        not_utf8 = error
    copy = work.beside(".utf8")
    try:
        with work.path.open("rb") as source, copy.open("wb") as target:
            for chunk in decoded(source, "gb18030"):
                target.write(chunk.encode("utf-8"))
    except UnicodeDecodeError as error:
        copy.unlink(missing_ok=True)
        furthest = max(not_utf8, error, key=lambda tried: tried.start)
        raise Refused(
            f"the text is neither UTF-8 nor GB18030: byte "
            f"0x{furthest.object[furthest.start]:02X} {furthest.reason}. "
            "Save it as UTF-8 and deliver it again."
        ) from None
    return copy, "gb18030"


def decoded(source: io.BufferedIOBase, encoding: str) -> Iterator[str]:
    """The text in pieces; on a bad byte, an error whose reason names line and byte."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = offset = 0
    while True:
        chunk = source.read(8 << 20)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line = lines + error.object[: error.start].count(b"\n") + 1
            at = offset - (len(error.object) - len(chunk)) + error.start
            error.reason = f"in line {line} (byte {at + 1})"
            raise
        yield text
        if not chunk:
            return
        lines += chunk.count(b"\n")
        offset += len(chunk)


def first_record(text: io.TextIOBase) -> str:
    """The first record's text: lines until every quote is closed."""
    record = ""
    for line in text:
        record += line
        if record.count('"') % 2 == 0 or record.count("\n") > LONGEST_RECORD_IN_LINES:
            break
    return record


def delimiter_of(header: str, declared: Iterable[str]) -> str:
    """The delimiter that splits the header into the most names that we know."""
    known = {name.lower() for name in declared}

    def fit(delimiter: str) -> tuple[int, int]:
        names = next(csv.reader([header], delimiter=delimiter))
        return len(known & {name.strip().lower() for name in names}), len(names)

    return max(DELIMITERS, key=fit)


def csv_scan(path: Path, delimiter: str, names: list[str], options: str) -> str:
    columns = ", ".join(f"{literal(name)}: 'varchar'" for name in names)
    return (
        f"read_csv({literal(str(path))}, header = true, auto_detect = false, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', "
        f"columns = {{{columns}}}, {options})"
    )


def fast_csv(
    work: Work, path: Path, delimiter: str, names: list[str]
) -> tuple[int, int]:
    """Read with DuckDB, in parallel; rows that it rejects are cut from the bytes."""
    connection = work.connection
    for table in ("reject_scans", "reject_errors"):
        connection.execute(f"drop table if exists {table}")
    options = "store_rejects = true, strict_mode = true, null_padding = false"
    scan = csv_scan(path, delimiter, names, options)
    rows = work.copy(
        f"select *, {work.provenance.columns()}, 2 as _first_row, "
        f"cast(null as bigint) as _row_number, cast(null as varchar) as _unparsed_line "
        f"from {scan}"
    )
    rejects = connection.execute(
        "select line, min(line_byte_position) from reject_errors "
        "group by line order by line"
    ).fetchall()
    if not rejects:
        return rows, 0
    with path.open("rb") as source:
        lines = []
        for line, start in rejects:
            source.seek(start - 1)
            text = source.readline().rstrip(b"\r\n").decode("utf-8", "replace")
            lines.append((line, text))
    return number_rows(work, names, lines), len(lines)


def number_rows(work: Work, names: list[str], lines: list[tuple[int, str]]) -> int:
    """Give each row the number that it had in the file, and add the lines set aside.

    `lines` holds (record number, text) of lines that could not be read, in order.
    Returns how many rows could be read.
    """
    connection, good = work.connection, work.beside(".good")
    work.target.replace(good)
    columns = ", ".join(quoted(name) for name in names)
    empty = ", ".join(f"null as {quoted(name)}" for name in names)
    connection.execute(
        "create or replace temp table unparsed (_row_number bigint, _line varchar)"
    )
    connection.executemany("insert into unparsed values (?, ?)", lines)
    rows = f"read_parquet({literal(str(good))}, file_row_number = true)"
    try:
        total = work.copy(f"""
            with
            -- How many good rows stand before the n-th bad one.
            bad as (
                select _row_number, _row_number - 2
                    - (row_number() over (order by _row_number) - 1) as good_before,
                    row_number() over (order by _row_number) as nth
                from unparsed
            ),
            numbered as (
                select rows.*, rows.file_row_number + 2 + coalesce(bad.nth, 0) as number
                from {rows} as rows
                asof left join bad on rows.file_row_number >= bad.good_before
            )
            select {columns}, {work.provenance.columns()}, 2 as _first_row,
                number as _row_number, cast(null as varchar) as _unparsed_line
            from numbered
            union all
            select {empty}, {work.provenance.columns()}, 2, _row_number, _line
            from unparsed
        """)
    finally:
        good.unlink(missing_ok=True)
        connection.execute("drop table unparsed")
    return total - len(lines)


def careful_csv(
    work: Work, path: Path, delimiter: str, names: list[str]
) -> tuple[int, int]:
    """Read record by record in Python, for a file that DuckDB cannot read whole."""
    clean = work.beside(".clean")
    lines: list[tuple[int, str]] = []
    try:
        with (
            path.open(encoding="utf-8-sig", newline="") as text,
            clean.open("w", encoding="utf-8", newline="") as target,
        ):
            writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerow([*names, "_row_number"])
            for number, fields, line in records(text.read(), delimiter):
                if number == 1:
                    continue
                if fields is None or len(fields) != len(names):
                    lines.append((number, line))
                else:
                    writer.writerow([*fields, number])
        return land_numbered(work, clean, names, lines)
    finally:
        clean.unlink(missing_ok=True)


def records(
    text: str, delimiter: str
) -> Iterator[tuple[int, list[str] | None, str]]:
    """(record number, fields or None, its text) of each record, whatever its form."""
    physical = io.StringIO(text, newline="").readlines()
    at = number = 0
    while at < len(physical):
        number += 1
        fields, used = None, 1
        for taken in range(1, LONGEST_RECORD_IN_LINES + 1):
            if at + taken > len(physical):
                break
            chunk = physical[at : at + taken]
            try:
                fields = next(csv.reader(chunk, delimiter=delimiter, strict=True), [])
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    continue
                break
            used = taken
            break
        line = "".join(physical[at : at + used]).rstrip("\r\n")
        at += used
        if line:
            yield number, fields, line


# --- the other formats ---------------------------------------------------------------


def land_parquet(work: Work) -> Landed:
    source = f"read_parquet({literal(str(work.path))})"
    try:
        described = work.connection.execute(f"describe select * from {source}")
        found = [(row[0], row[1]) for row in described.fetchall()]
        names = work.names([name for name, _ in found])
        texts = ", ".join(
            f"{as_text(name, type_)} as {quoted(raw)}"
            for (name, type_), raw in zip(found, names, strict=True)
        )
        rows = work.copy(
            f"select {texts}, {work.provenance.columns()}, 1 as _first_row, "
            f"cast(null as bigint) as _row_number, "
            f"cast(null as varchar) as _unparsed_line from {source}"
        )
    except duckdb.Error as error:
        raise Refused(
            f"it cannot be read as Parquet, it seems cut off or damaged "
            f"({str(error).splitlines()[0].replace(str(work.path), work.path.name)}): "
            "export it again."
        ) from None
    return Landed(rows, 0, "parquet")


def as_text(name: str, type_: str) -> str:
    nested = type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION"))
    column = quoted(name)
    return f"to_json({column})::varchar" if nested else f"{column}::varchar"


def land_json_lines(work: Work) -> Landed:
    text_path, encoding = as_utf8(work)
    connection = work.connection
    # A control character cannot stand in valid JSON, so it never splits a line.
    scan = (
        f"read_csv({literal(str(text_path))}, header = false, auto_detect = false, "
        "delim = '\x1f', quote = '', escape = '', columns = {'line': 'varchar'}, "
        "parallel = false)"
    )
    try:
        connection.execute(
            "create or replace temp table json_lines as "
            "select row_number() over () as number, "
            "nullif(trim(ltrim(line, chr(65279))), '') as line, "
            "case when json_valid(nullif(trim(ltrim(line, chr(65279))), '')) "
            "then json_type(nullif(trim(ltrim(line, chr(65279))), '')) = 'OBJECT' "
            f"else false end as is_object from {scan}"
        )
        found = connection.execute(
            "select name from (select unnest(case when is_object then json_keys(line) "
            "end) as name, number from json_lines) group by name order by min(number), name"
        ).fetchall()
        objects, lines = connection.execute(
            "select count(*) filter (is_object), count(line) from json_lines"
        ).fetchone()
        if lines and not objects:
            raise Refused(
                "no line of it is a JSON object: write one object a line, "
                'such as {"id": 1}.'
            )
        names = work.names([name for (name,) in found]) if objects else []
        fields = "".join(
            f"case when is_object then line ->> {literal(json_path(name))} end "
            f"as {quoted(raw)}, "
            for (name,), raw in zip(found, names, strict=True)
        )
        work.copy(
            f"select {fields} {work.provenance.columns()}, 1 as _first_row, "
            "number as _row_number, "
            "case when not is_object then line end as _unparsed_line "
            "from json_lines where line is not null order by number"
        )
    except duckdb.Error:  # its text holds what stands in the line
        raise Refused("it cannot be read as JSON lines: write one object a line.") from None
    finally:
        connection.execute("drop table if exists json_lines")
        if text_path != work.path:
            text_path.unlink(missing_ok=True)
    return Landed(objects, lines - objects, encoding)


def json_path(name: str) -> str:
    return "$." + json.dumps(name, ensure_ascii=False)


def land_xlsx(work: Work) -> Landed:
    clean = work.beside(".clean")
    try:
        try:
            book = openpyxl.load_workbook(work.path, read_only=True, data_only=True)
        except Exception as error:  # openpyxl lets errors of zip, XML and itself pass
            raise Refused(
                f"it cannot be read as XLSX, it seems damaged ({error}): "
                "save it again as an Excel workbook."
            ) from None
        try:
            rows = book.worksheets[0].iter_rows(values_only=True)
            header = [cell_text(cell) for cell in next(rows, ())]
            while header and not header[-1]:
                header.pop()
            if not header:
                raise Refused("its first sheet is empty: even without rows it needs "
                              "its header in row 1.")
            names = work.names(header)
            wide: list[tuple[int, str]] = []
            with clean.open("w", encoding="utf-8", newline="") as target:
                writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
                writer.writerow([*names, "_row_number"])
                for number, cells in enumerate(rows, start=2):
                    fields = [cell_text(cell) for cell in cells]
                    if not any(fields):
                        continue
                    if any(fields[len(names) :]):
                        wide.append((number, json.dumps(fields, ensure_ascii=False)))
                    else:
                        fields = fields[: len(names)]
                        fields += [""] * (len(names) - len(fields))
                        writer.writerow([*fields, number])
        finally:
            book.close()
        return Landed(*land_numbered(work, clean, names, wide), "xlsx")
    finally:
        clean.unlink(missing_ok=True)


def land_numbered(
    work: Work, clean: Path, names: list[str], lines: list[tuple[int, str]]
) -> tuple[int, int]:
    """Land a CSV of our own writing whose last column is the row number."""
    connection = work.connection
    scan = csv_scan(
        clean, ",", [*names, "_row_number"], "strict_mode = true, parallel = false"
    )
    columns = ", ".join(quoted(name) for name in names)
    empty = ", ".join(f"null as {quoted(name)}" for name in names)
    connection.execute(
        "create or replace temp table unparsed (_row_number bigint, _line varchar)"
    )
    if lines:
        connection.executemany("insert into unparsed values (?, ?)", lines)
    total = work.copy(
        f"select {columns}, {work.provenance.columns()}, 2 as _first_row, "
        "cast(_row_number as bigint) as _row_number, "
        f"cast(null as varchar) as _unparsed_line from {scan} union all "
        f"select {empty}, {work.provenance.columns()}, 2, _row_number, _line "
        "from unparsed"
    )
    connection.execute("drop table unparsed")
    return total - len(lines), len(lines)


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

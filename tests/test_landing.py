"""Whatever is dropped into the landing folder, nothing of it is lost or made up."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import openpyxl
import pytest
from conftest import read_batches
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

import expectations
from orchestration import formats, landing
from orchestration.contracts import feeds
from orchestration.formats import Landed, Provenance, Refused
from orchestration.landing import NightStopped, export_time

ORDERS = ["order_id", "ordered_at", "currency", "gross_amount"]
ORDERS_CSV = ",".join(ORDERS) + "\nO1,2026-06-30T10:00:00,CNY,12.50\n"
CUSTOMERS_CSV = "source_customer_id,created_at,customer_name\nC1,2026-01-01,王小明\n"
SOMEBODY = "王小明 13800001111 somebody@example.com"


# --- formats, each by itself ---------------------------------------------------------


@pytest.fixture
def read(tmp_path):
    """Land one file outside any night: (what came of it, its rows, lines set aside)."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; set threads = 2")

    def one(name, content, declared=(), required=()):
        path, target = tmp_path / name, tmp_path / "batch.parquet"
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        provenance = Provenance(name, "b1", None)
        landed = formats.land(connection, path, declared, required, provenance, target)
        rows, lines = {}, {}
        for row in read_batches(target):
            number, line = row.pop("_row_number"), row.pop("_unparsed_line")
            values = {key: row[key] for key in row if not key.startswith("_")}
            if line is None:
                rows[number] = values
            else:
                assert set(values.values()) <= {None}
                lines[number] = line
        assert (landed.row_count, landed.unparsed_count) == (len(rows), len(lines))
        left = {path.name for path in tmp_path.glob("batch*")}
        assert left == {"batch.parquet"}
        return landed, rows, lines

    yield one
    connection.close()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_told_from_the_header(read, delimiter):
    text = "order_id;note;city\nO1;a;上海\n".replace(";", delimiter)
    _, rows, _ = read("orders.csv", text, ["order_id"])
    assert rows == {2: {"order_id": "O1", "note": "a", "city": "上海"}}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("id,city\n1,上海\n".encode(), "utf-8"),
        ("id,city\n1,上海\n".encode("utf-8-sig"), "utf-8"),
        ('"id",city\n1,上海\n'.encode("utf-8-sig"), "utf-8"),
        ("id,city\n1,上海\n".encode("gb18030"), "gb18030"),
        ("\ufeffid,city\n1,上海\n".encode("gb18030"), "gb18030"),
        ("id,city\r\n1,上海\r\n".encode("gb18030"), "gb18030"),
        ("id,city\r\n1,上海\r\n".encode(), "utf-8"),
        ("id,city\r1,上海\r".encode(), "utf-8"),
        ("id,city\n1,上海".encode(), "utf-8"),
        ("\n\nid,city\n1,上海\n".encode(), "utf-8"),
    ],
)
def test_text_is_read_alike_in_every_encoding_and_line_end(read, content, encoding):
    landed, rows, _ = read("cities.csv", content)
    assert rows == {2: {"id": "1", "city": "上海"}}
    assert landed == Landed(1, 0, encoding)


def test_chinese_that_only_gb18030_has_is_read(read):
    _, rows, _ = read("people.csv", "id,name\n1,朱镕基𠮷\n".encode("gb18030"))
    assert rows[2]["name"] == "朱镕基𠮷"


def test_a_quoted_field_keeps_delimiters_quotes_and_line_breaks(read):
    text = 'id,note\n1,"a, ""b""\r\n\nc"\n2,d\n'
    _, rows, _ = read("notes.csv", text)
    assert rows == {
        2: {"id": "1", "note": 'a, "b"\r\n\nc'},
        3: {"id": "2", "note": "d"},
    }


def test_an_empty_field_is_null_and_spaces_are_kept(read):
    _, rows, _ = read("notes.csv", 'a,b,c\n,"", x \n')
    assert rows == {2: {"a": None, "b": None, "c": " x "}}


def test_columns_are_found_by_name_in_any_order_case_and_padding(read):
    text = " Extra ,GROSS_AMOUNT , Order_ID\nx,12.50,O1\n"
    _, rows, _ = read("orders.csv", text, ORDERS)
    assert rows == {2: {"Extra": "x", "gross_amount": "12.50", "order_id": "O1"}}


def test_columns_may_bear_any_name_of_sql_and_of_ours(read):
    names = ["number", "nth", "rows", "line", "select", "a b", "it's", "列"]
    text = ",".join(names) + "\n" + "1,2,3,4,5,6,7,8\nbroken\n"
    _, rows, lines = read("odd.csv", text)
    assert rows == {2: dict(zip(names, "12345678", strict=True))}
    assert lines == {3: "broken"}
    _, rows, _ = read("odd.jsonl", json.dumps(dict.fromkeys(names, "x")) + "\n")
    assert rows == {1: dict.fromkeys(names, "x")}


def test_nul_bytes_and_control_characters_stay_in_their_field(read):
    _, rows, _ = read("odd.csv", "a,b\nx\0y,\x1a\x1f\n")
    assert rows == {2: {"a": "x\0y", "b": "\x1a\x1f"}}


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_field_of_five_megabytes_is_read(read, quote):
    long = "x" * 5_000_000
    _, rows, lines = read("long.csv", f"a,b\n1,{quote}{long}{quote}\n2,y\nbroken\n")
    assert (rows[2]["b"] == long, rows[3]["b"], lines) == (True, "y", {4: "broken"})


def test_a_record_that_lost_its_line_breaks_is_refused(read):
    with pytest.raises(Refused, match="row 2 is longer than 16 MB"):
        read("long.csv", "a,b\n1," + "x" * (17 << 20) + "\n")


def test_parquet_becomes_exact_text(read, tmp_path):
    with duckdb.connect() as connection:
        connection.execute(f"""
            copy (select
                7::tinyint as whole, 12345678901234567::bigint as big,
                0.1::double as fraction, 1e300::double as huge,
                123456789012345.1230::decimal(20, 4) as money, true as flag,
                timestamp '2026-06-30 10:00:00.123456' as local_at,
                timestamptz '2026-06-30 10:00:00+08' as instant,
                date '2026-06-30' as day, ['a', '中'] as list,
                {{'x': 1, 'y': {{'z': null}}}} as struct, '' as empty,
                null::integer as missing
            ) to '{tmp_path / "all.parquet"}' (format parquet)
        """)
    landed, rows, _ = read("all.parquet", None, ["DAY"])
    assert landed.encoding == "parquet"
    assert rows[1] == {
        "whole": "7",
        "big": "12345678901234567",
        "fraction": "0.1",
        "huge": "1e+300",
        "money": "123456789012345.1230",
        "flag": "true",
        "local_at": "2026-06-30 10:00:00.123456",
        "instant": "2026-06-30 02:00:00+00",
        "DAY": "2026-06-30",
        "list": '["a","中"]',
        "struct": '{"x":1,"y":{"z":null}}',
        "empty": "",
        "missing": None,
    }


def test_parquet_rows_are_numbered_from_1_and_may_be_none(read, tmp_path):
    with duckdb.connect() as connection:
        for count in (300_000, 0):
            connection.execute(
                f"copy (select range as id from range({count})) "
                f"to '{tmp_path / 'ids.parquet'}' (format parquet)"
            )
            _, rows, _ = read("ids.parquet", None)
            assert len(rows) == count
            assert all(row["id"] == str(number - 1) for number, row in rows.items())


def test_json_lines_may_have_unequal_keys_nested_values_and_blank_lines(read):
    text = (
        '{"id": 1, "name": "王"}\n\n'
        '{"name": null, "tags": ["a", {"b": "中"}], "price": 12.5}\n'
        '  {"id": "x", "is_new": true, "a.b": "dot", "": "", "*": "star"}'.replace(
            '"": "", ', ""
        )
    )
    landed, rows, _ = read("people.jsonl", text)
    nothing = dict.fromkeys(["id", "name", "tags", "price", "is_new", "a.b", "*"])
    assert landed.encoding == "utf-8"
    assert rows == {
        1: nothing | {"id": "1", "name": "王"},
        3: nothing | {"tags": '["a",{"b":"中"}]', "price": "12.5"},
        4: nothing | {"id": "x", "is_new": "true", "a.b": "dot", "*": "star"},
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_json_lines_are_read_in_every_encoding_and_mix_of_line_ends(read, encoding):
    text = '{"id": 1}\r\n\n{"id": "上海"}\n\r\n{"id": "\\n"}\r{"id": 5}'
    _, rows, _ = read("x.ndjson", text.encode(encoding))
    assert rows == {1: {"id": "1"}, 3: {"id": "上海"}, 5: {"id": "\n"}, 6: {"id": "5"}}


def test_a_json_line_of_five_megabytes_is_read(read):
    _, rows, _ = read("x.jsonl", json.dumps({"id": "x" * 5_000_000}) + "\n{}\n")
    assert [len(row["id"] or "") for row in rows.values()] == [5_000_000, 0]


def test_an_empty_json_lines_file_has_no_rows(read):
    assert read("x.jsonl", b"")[0] == Landed(0, 0, "utf-8")


def workbook(*rows: list) -> bytes:
    book = openpyxl.Workbook()
    for number, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells, start=1):
            book.active.cell(number, column, cell)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_xlsx_cells_become_plain_text_and_rows_are_numbered_as_excel_shows(read):
    content = workbook(
        ["id", "amount", "day", "at", "is_new", None],
        [1, 12.0, date(2026, 6, 30), datetime(2026, 6, 30, 10, 30), True, None],
        [],
        ["00123", 12.55, None, None, False],
        ['a "b"\n', 1e20, None, None, None, None],
    )
    landed, rows, _ = read("orders.xlsx", content)
    columns = ["id", "amount", "day", "at", "is_new"]
    assert landed.encoding == "xlsx"
    assert rows == {
        number: dict(zip(columns, values, strict=True))
        for number, values in {
            2: ("1", "12", "2026-06-30", "2026-06-30 10:30:00", "true"),
            4: ("00123", "12.55", None, None, "false"),
            5: ('a "b"\n', "1e+20", None, None, None),
        }.items()
    }


def test_xlsx_rows_wider_than_the_header_are_set_aside(read):
    content = workbook(["id"], [1], [2, "王"], [3])
    _, rows, lines = read("x.xlsx", content)
    assert rows == {2: {"id": "1"}, 4: {"id": "3"}}
    assert lines == {3: '["2", "王"]'}


def test_xlsx_with_a_wrong_dimension_is_read_whole(read, tmp_path):
    content = io.BytesIO(workbook(["id", "name"], [1, "a"]))
    wrong = io.BytesIO()
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(wrong, "w") as target:
        for item in source.namelist():
            data = source.read(item)
            target.writestr(item, data.replace(b'ref="A1:B2"', b'ref="A1"'))
    assert wrong.getvalue() != content.getvalue()
    assert read("x.xlsx", wrong.getvalue())[1] == {2: {"id": "1", "name": "a"}}


# --- lines that cannot be read -------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "good", "broken"),
    [
        ("a,b\n1,2\n3\n4,5\n", {2: "12", 4: "45"}, {3: "3"}),
        ("a,b\n1,2\n3,4,5\n6,7\n", {2: "12", 4: "67"}, {3: "3,4,5"}),
        ('a,b\n1,2\n3,"4\n5,6\n7,8\n', {2: "12", 4: "56", 5: "78"}, {3: '3,"4'}),
        ('a,b\n1,"x\n5,6\n7,"8"\n', {3: "56", 4: "78"}, {2: '1,"x'}),
        ('a,b\n1,"x"y\n5,6\n', {3: "56"}, {2: '1,"x"y'}),
        ("a,b\n1,2\r\n3,4\n5\r\n6,7", {2: "12", 3: "34", 5: "67"}, {4: "5"}),
        ("a,b\r\n1,2\r\n3\r\n4,5\r\n", {2: "12", 4: "45"}, {3: "3"}),
        ("a,b\n1,2\n3", {2: "12"}, {3: "3"}),
        ('a,b\n1,2\n3,"4', {2: "12"}, {3: '3,"4'}),
        ("a,b\n\n1,2\n\n\n3\n4,5\n", {2: "12", 4: "45"}, {3: "3"}),
        ("a,b\n1,2\n   \n4,5\n", {2: "12", 4: "45"}, {3: "   "}),
        ("a,b\n1,2\r3,4\n5,6\n", {2: "12", 3: "34", 4: "56"}, {}),
        ('a,b\n1,"x\ny"\n3\n4,5\n', {2: "1x\ny", 4: "45"}, {3: "3"}),
        ('a,b\n1,"x\ny",z\n4,5\n', {4: "45"}, {2: '1,"x', 3: 'y",z'}),
        ('a,b\n1,2,\n3,4,,""\n5\n', {2: "12", 3: "34"}, {4: "5"}),
        ("\n a,b\n1,2\n3\n", {2: "12"}, {3: "3"}),
        ('a,"b\nx"\n1,2\n3\n', {2: "12"}, {3: "3"}),
        ("\ufeffa,b\n3\n1,2\n", {3: "12"}, {2: "3"}),
        ("a;b\n1;2,5\n3\n", {2: "12,5"}, {3: "3"}),
        ("a,b,c\n1,2\n3\n", {}, {2: "1,2", 3: "3"}),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_broken_line_is_kept_as_it_stood_and_no_other_is_lost(
    read, text, good, broken, encoding
):
    # A comment in Chinese makes the second encoding tell itself from the first.
    text = text + "\n上海" if encoding == "gb18030" else text
    _, rows, lines = read("x.csv", text.encode(encoding))
    if encoding == "gb18030":
        assert lines.pop(max(lines)) == "上海"
    assert {number: "".join(row.values()) for number, row in rows.items()} == good
    assert lines == broken


def test_broken_json_lines_are_kept_as_they_stood(read):
    text = '{"id": 1}\nnot json\n[1, 2]\n\n"王"\n{"id": 2}\n{"id": 1, "id": 3}\n{"id":'
    _, rows, lines = read("x.jsonl", text)
    assert rows == {1: {"id": "1"}, 6: {"id": "2"}}
    assert lines == {
        2: "not json",
        3: "[1, 2]",
        5: '"王"',
        7: '{"id": 1, "id": 3}',
        8: '{"id":',
    }


field = st.text("ab中 ;'", max_size=4)
tricky = st.sampled_from(["a,b", 'a"b', "a\nb", "a\r\n\nb"])
good_row = st.lists(field | tricky, min_size=3, max_size=3).filter(any)
broken_line = st.sampled_from(
    ["x", "x,y", "x,y,z,w", 'x,"y', '"x"y,z,w', 'x,y,"z', "   ", '"x', ",,,,x"]
)
line_end = st.sampled_from(["\n", "\r\n"])


@given(st.lists(st.tuples(good_row | broken_line, line_end), max_size=12))
@trials(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_everything_delivered_is_either_a_row_or_a_line_set_aside(read, delivered):
    text, good, broken = "a,b,c\n", {}, {}
    for number, (row, end) in enumerate(delivered, start=2):
        if isinstance(row, str):
            text += row + end
            broken[number] = row
        else:
            text += csv_line(row) + end
            good[number] = row
    _, rows, lines = read("x.csv", text)
    assert lines == broken
    assert rows == {
        number: {key: value or None for key, value in zip("abc", row, strict=True)}
        for number, row in good.items()
    }


def csv_line(row: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(row)
    return line.getvalue().removesuffix("\n")


def test_the_quick_and_the_careful_reader_give_the_same_rows(read):
    text = "id,note\n" + "".join(
        f'{number},"line {number}, ""quoted""\nand more"\n'
        if number % 3
        else f"{number},\n"
        for number in range(20_000)
    )
    _, quick, none = read("x.csv", text)
    _, careful, broken = read("x.csv", text + "broken\n")
    assert (none, broken) == ({}, {20_002: "broken"})
    assert quick == careful


# --- bad input: one clear sentence, and nothing half done ----------------------------


def rejected(land, place, check=None) -> str:
    """Land; what is said of the file at `place`, even if it stopped the night."""
    try:
        done = land(check) if check else land()
        said = "\n".join(done.notes)
    except NightStopped as stopped:
        done, said = stopped.landing, str(stopped)
    assert place in said
    (delivery,) = done.having("rejected")
    assert place == f"{delivery.source}/{delivery.feed}/{delivery.file}"
    assert "Traceback" not in delivery.message
    assert "\n" not in delivery.message
    assert delivery.message.endswith(".")
    return delivery.message


def parquet_bytes(tmp_path: Path) -> bytes:
    path = tmp_path / "some.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select range as order_id from range(9999)) to '{path}' "
            "(format parquet)"
        )
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("o.csv", b"", "the file is empty: even without rows it needs its header"),
        ("o.csv", b"\n\n", "the file is empty: even without rows it needs its header"),
        (
            "o.csv",
            "order_id,ordered_at,currency,amount\n",
            "the required column gross_amount is missing. Expected order_id, "
            "ordered_at, currency, gross_amount; found order_id, ordered_at, "
            "currency, amount. Export the file again",
        ),
        (
            "o.csv",
            ORDERS_CSV.replace("O1", "Hélène").encode("latin-1"),
            "neither UTF-8 nor GB18030: byte 0xE9 in line 2 (byte 44). "
            "Save it as UTF-8",
        ),
        (
            "o.csv",
            ORDERS_CSV.replace("O1", "é,").encode("latin-1"),
            "byte 0xE9 in line 2",
        ),
        ("o.csv", ORDERS_CSV.encode("utf-16"), "UTF-16 or UTF-32: save it as UTF-8"),
        ("o.csv", ORDERS_CSV.encode("utf-16-le"), "UTF-16 or UTF-32"),
        ("o.jsonl", '{"order_id": 1}\n'.encode("utf-16"), "UTF-16 or UTF-32"),
        ("o.parquet", b"PAR1 cut", "cannot be read as Parquet, it is cut off, damaged"),
        ("o.xlsx", b"order_id\n1\n", "cannot be read as XLSX"),
        ("o.xlsx", b"", "cannot be read as XLSX"),
        ("o.xlsx", workbook(), "nothing in row 1"),
        ("o.pdf", b"%PDF", "the ending .pdf is not known: deliver one of .csv"),
        ("o", b"x", "the ending (none) is not known"),
        (
            "o.csv",
            "order_id,currency,Order_ID\n",
            "column 1 (order_id) and column 3 (order_id) of the header have the same",
        ),
        ("o.csv", "order_id,,currency\n", "column 2 of the header has no name"),
        ("o.csv", "order_id,_file\n", "column 2 (_file) of the header has a name kept"),
        ("o.csv", "order_id,file_row_number\n", "column 2 (file_row_number)"),
        ("o.jsonl", "a\nb\n", "no line of it is a JSON object"),
        ("o.jsonl", "x" * (33 << 20), "cannot be read as JSON lines"),
        ("o.csv", "x" * (17 << 20), "its first line is no header"),
    ],
)
def test_a_file_that_cannot_be_used_ends_in_one_clear_sentence(
    settings, drop, land, raw, name, content, words
):
    drop(f"shop/orders/{name}", content)
    message = rejected(land, f"shop/orders/{name}")
    assert words in message
    assert [path.name for path in (settings.raw / "shop" / "orders").iterdir()] == [
        landing.SHAPE
    ]
    assert raw("shop/orders") == []


@pytest.mark.parametrize("share", [0.3, 0.7, 0.999])
def test_a_truncated_parquet_file_is_rejected(drop, land, raw, tmp_path, share):
    whole = parquet_bytes(tmp_path)
    drop("shop/orders/o.parquet", whole[: int(len(whole) * share)])
    assert "cannot be read as Parquet" in rejected(land, "shop/orders/o.parquet")
    assert raw("shop/orders") == []


def test_a_damaged_sheet_within_a_whole_workbook_is_rejected(drop, land):
    content, damaged = io.BytesIO(workbook(ORDERS, ["O1"])), io.BytesIO()
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(damaged, "w") as target:
        for item in source.namelist():
            data = source.read(item)
            target.writestr(item, data[:-40] if "sheet1" in item else data)
    drop("shop/orders/o.xlsx", damaged.getvalue())
    assert "cannot be read as XLSX" in rejected(land, "shop/orders/o.xlsx")


def test_without_a_landing_folder_the_night_says_where_it_looked(settings, land):
    settings.landing_dir.rmdir()
    with pytest.raises(NightStopped, match="There is no landing folder") as stopped:
        land()
    assert str(settings.landing_dir) in str(stopped.value)
    assert not settings.raw.exists()


def test_without_any_required_source_the_night_stops(drop, land):
    drop("survey/responses/r.csv", "response_id,survey_type,score,responded_at\n")
    with pytest.raises(NightStopped, match="holds no source of customers or orders"):
        land()


def test_a_required_folder_without_a_file_stops_the_night(settings, drop, land, raw):
    drop("crm/customers/c.csv", CUSTOMERS_CSV)
    (settings.landing_dir / "shop" / "orders").mkdir(parents=True)
    with pytest.raises(NightStopped, match="shop/orders is required") as stopped:
        land()
    assert str(settings.landing_dir / "shop" / "orders") in str(stopped.value)
    assert len(raw("crm/customers")) == 1


def test_a_required_export_without_rows_is_rejected_by_its_suite(drop, land, raw):
    drop("shop/orders/orders_2026-06-30.csv", ",".join(ORDERS) + "\n")
    message = rejected(land, "shop/orders/orders_2026-06-30.csv", expectations.validate)
    assert "row_count is 0, expected at least 1" in message
    assert "export it again" in message
    assert raw("shop/orders") == []


def test_a_rejected_required_feed_stops_the_night_after_the_others_landed(
    drop, land, raw
):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop("shop/order_lines/z.pdf", b"%PDF")
    drop("shop/orders/b.csv", "id\n1\n")
    drop("shop/orders/c.csv", ORDERS_CSV)
    with pytest.raises(NightStopped) as stopped:
        land()
    assert str(stopped.value).startswith("shop/orders/b.csv was rejected: ")
    assert "z.pdf" not in str(stopped.value)
    assert "z.pdf" in stopped.value.landing.notes[0]
    assert [len(raw(feed)) for feed in ("crm/customers", "shop/orders")] == [1, 1]


def test_a_rejected_optional_feed_is_noted_and_the_night_goes_on(drop, land, raw):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop("crm/staff/s.csv", b"\xff\xff")
    done = land()
    assert [note.split(" was ")[0] for note in done.notes] == ["crm/staff/s.csv"]
    assert len(raw("crm/customers")) == 1


def test_a_rejected_file_is_kept_with_its_reason_until_a_mended_one_comes(
    settings, drop, land, raw
):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop("crm/staff/2026/s.csv", b"name\n\xff")
    land()
    kept = settings.rejected / "crm" / "staff" / "2026"
    assert (kept / "s.csv").read_bytes() == b"name\n\xff"
    assert "neither UTF-8" in (kept / "s.csv.reason.txt").read_text("utf-8")
    drop("crm/staff/s.csv", "staff_id\nS0\n")  # another file of that name
    land()
    assert sorted(path.name for path in kept.iterdir()) == ["s.csv", "s.csv.reason.txt"]
    drop("crm/staff/2026/s.csv", "staff_id\nS1\n")
    land()
    assert list(kept.iterdir()) == []
    assert {row["staff_id"] for row in raw("crm/staff")} == {"S0", "S1"}


def test_the_ledger_grows_only_when_something_changed(settings, drop, land):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop("crm/staff/s.csv", b"\xff")
    for _ in range(3):
        assert len(land().notes) == 1  # said every night, entered once
    assert statuses(settings) == [("a.csv", "loaded"), ("s.csv", "rejected")]
    drop("crm/staff/s.csv", b"")
    land()
    drop("crm/staff/s.csv", b"\xff")
    land()
    assert [status for _, status in statuses(settings)] == ["loaded"] + 3 * ["rejected"]


def statuses(settings) -> list[tuple[str, str]]:
    files = settings.raw / "tierkeeper" / "files" / "*.parquet"
    return duckdb.sql(
        f"select file, status from '{files}' order by landed_at, file"
    ).fetchall()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.csv", f"{SOMEBODY},\n{SOMEBODY},x\n"),
        ("s.csv", f"{SOMEBODY},{SOMEBODY}\n"),
        ("s.csv", f"_{SOMEBODY},b\n"),
        # A first row that happens to hold the name of a column.
        ("s.csv", f"{SOMEBODY},team,x\n"),
        ("s.csv", f"{SOMEBODY},{SOMEBODY},team,x\n"),
        ("s.csv", f'staff_id,x\n1,"{SOMEBODY}\n2,"{SOMEBODY}"z\n'),
        ("s.csv", f"staff_id,x\n1,{SOMEBODY} é\n".encode() + b"\xff"),
        ("s.csv", f"staff_id,x\n1,{SOMEBODY}" + "x" * (17 << 20)),
        ("s.jsonl", f'{{"staff_id": "{SOMEBODY}\n["{SOMEBODY}"]\n'),
        ("s.jsonl", f'{{"staff_id": 1}}\n{{"staff_id": "{SOMEBODY}'),
        ("s.xlsx", SOMEBODY),
        ("s.xlsx", workbook([SOMEBODY], [SOMEBODY, SOMEBODY])),
        ("s.parquet", f"PAR1{SOMEBODY}PAR1"),
    ],
)
def test_no_message_ledger_or_note_holds_what_stands_in_a_row(
    settings, drop, land, name, content
):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop(f"crm/staff/{name}", content)
    done = land(expectations.validate)
    files = settings.raw / "tierkeeper" / "files" / "*.parquet"
    said = str(done) + str(duckdb.sql(f"select * from '{files}'").fetchall())
    assert f"'{name}'" in said
    for word in SOMEBODY.split():
        assert word not in said


# --- the same again ------------------------------------------------------------------


def test_the_same_file_twice_loads_once(settings, drop, land, raw):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    assert len(land().having("loaded")) == 1
    assert land().deliveries == []
    assert len(raw("crm/customers")) == 1
    assert statuses(settings) == [("a.csv", "loaded")]


def test_the_same_content_under_another_name_is_repeated_once(
    settings, drop, land, raw
):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop("crm/customers/b.csv", CUSTOMERS_CSV)
    land()
    assert land().deliveries == []
    assert len(raw("crm/customers")) == 1
    assert statuses(settings) == [("a.csv", "loaded"), ("b.csv", "repeated")]


def test_the_same_content_of_another_day_loads_again(drop, land, raw):
    drop("crm/customers/c_2026-06-29.csv", CUSTOMERS_CSV)
    drop("crm/customers/c_2026-06-30.csv", CUSTOMERS_CSV)
    land()
    assert [str(row["_exported_at"]) for row in raw("crm/customers")] == [
        "2026-06-29 15:59:59.999999",
        "2026-06-30 15:59:59.999999",
    ]


def test_a_file_that_is_overwritten_loads_beside_its_earlier_self(drop, land, raw):
    for name in ("王", "李", "王"):
        drop("crm/customers/c.csv", CUSTOMERS_CSV.replace("王小明", name))
        land()
    assert sorted(row["customer_name"] for row in raw("crm/customers")) == ["李", "王"]


def test_a_batch_whose_ledger_was_cut_off_is_entered_and_not_loaded_twice(
    settings, drop, land, raw
):
    drop("crm/customers/a.csv", CUSTOMERS_CSV + "broken\n")
    land()
    for path in (settings.raw / "tierkeeper" / "files").iterdir():
        path.unlink()
    (entered,) = land().deliveries
    assert (entered.status, entered.row_count, entered.unparsed_count) == (
        "loaded",
        1,
        1,
    )
    assert land().deliveries == []
    assert len(raw("crm/customers")) == 2


def test_what_a_night_cut_off_while_writing_left_does_no_harm(
    settings, drop, land, raw
):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    (batch,) = (delivery.batch for delivery in land().deliveries)
    target = settings.raw / "crm" / "customers" / f"{batch}.parquet"
    target.rename(target.with_suffix(".coming"))
    target.with_suffix(".coming.clean").write_text("half")
    land()
    assert len(raw("crm/customers")) == 1
    assert not target.with_suffix(".coming").exists()


# --- which files, and when they were exported ----------------------------------------


def test_an_undeclared_feed_lands_all_the_same(drop, land, raw):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop("till/receipts/r_2026-06-30.jsonl", '{"n": 1, "note": "x"}\n')
    land()
    (row,) = raw("till/receipts")
    assert (row["n"], row["note"], row["_file"]) == ("1", "x", "r_2026-06-30.jsonl")


def test_our_own_ledgers_cannot_be_delivered(drop, land):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop("tierkeeper/files/x.csv", "file\nx\n")
    (note,) = land().notes
    assert note.startswith("tierkeeper/files/x.csv was rejected: the folder name")


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.csv",
        "a.csv.tmp",
        "a.csv.PART",
        "~$a.xlsx",
        ".sync/a.csv",
        "Thumbs.db",
        "a.csv.manifest.json",
    ],
)
def test_hidden_and_unfinished_files_are_left_alone(drop, land, name):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop(f"crm/customers/{name}", b"\xff")
    if name == "a.csv.manifest.json":
        drop(f"crm/customers/{name}", '{"exported_at": "2026-06-30"}')
    done = land()
    assert [delivery.file for delivery in done.deliveries] == ["a.csv"]
    assert done.notes == []


@pytest.mark.parametrize(
    "name",
    [
        "2026/06/a.csv",
        "day=2026-06-30/a.csv",
        "it's [1] *.csv",
        "客户 客户.csv",
        'a "quoted" name.CSV',
        "day=1/a[0].jsonl",
        "day=1/[a].parquet",
    ],
)
def test_files_are_read_in_any_subfolder_and_under_any_name(
    drop, land, raw, tmp_path, name
):
    content = CUSTOMERS_CSV
    if name.endswith("jsonl"):
        content = '{"source_customer_id": "C1", "created_at": "2026-01-01"}'
    if name.endswith("parquet"):
        with duckdb.connect() as connection:
            connection.execute(
                "copy (select 'C1' as source_customer_id, '2026-01-01' as created_at) "
                f"to '{tmp_path}/c.parquet' (format parquet)"
            )
        content = (tmp_path / "c.parquet").read_bytes()
    drop(f"crm/customers/{name}", content)
    land()
    (row,) = raw("crm/customers")
    assert (row["_file"], row["source_customer_id"]) == (name, "C1")
    assert "day" not in row


SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders_2026-06-30", datetime(2026, 6, 30, 23, 59, 59, 999999, SHANGHAI)),
        ("20260630", datetime(2026, 6, 30, 23, 59, 59, 999999, SHANGHAI)),
        ("orders_20260630T0215", datetime(2026, 6, 30, 2, 15, tzinfo=SHANGHAI)),
        ("orders_202606300215", datetime(2026, 6, 30, 2, 15, tzinfo=SHANGHAI)),
        ("orders_2026-06-30_02-15-07", datetime(2026, 6, 30, 2, 15, 7, 0, SHANGHAI)),
        ("orders_2026-06-30T021500Z", datetime(2026, 6, 30, 2, 15, tzinfo=UTC)),
        ("o_20260630T0215+0900", datetime(2026, 6, 29, 17, 15, tzinfo=UTC)),
        ("2026-06-30_part_2", datetime(2026, 6, 30, 23, 59, 59, 999999, SHANGHAI)),
        ("2026-06-01_2026-06-30", datetime(2026, 6, 30, 23, 59, 59, 999999, SHANGHAI)),
        ("20260601-20260630", datetime(2026, 6, 30, 23, 59, 59, 999999, SHANGHAI)),
        ("orders", None),
        ("export_20261345", None),
        ("123456789", None),
        ("1202606301", None),
        ("orders_2026-02-30", None),
    ],
)
def test_a_file_was_exported_when_its_name_says(tmp_path, name, expected):
    expected = expected and expected.astimezone(UTC).replace(tzinfo=None)
    assert export_time(tmp_path / f"{name}.csv", "Asia/Shanghai") == expected


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2026-06-30T02:00:00+09:00", datetime(2026, 6, 29, 17)),
        ("2026-06-30T02:00:00", datetime(2026, 6, 29, 18)),
        ("2026-06-30", datetime(2026, 6, 30, 15, 59, 59, 999999)),
    ],
)
def test_a_manifest_is_believed_before_the_name(tmp_path, stamp, expected):
    path = tmp_path / "orders_2020-01-01.csv"
    landing.manifest_of(path).write_text(
        json.dumps({"exported_at": stamp}), "utf-8-sig"
    )
    assert export_time(path, "Asia/Shanghai") == expected


@pytest.mark.parametrize(
    "manifest",
    ["", "[]", "{}", '{"exported_at": 5}', '{"exported_at": "soon"}', "\x80"]
    + [json.dumps({"exported_at": f"{year}-12-31"}) for year in ("9999", "99999")],
)
def test_a_bad_manifest_rejects_its_file(drop, land, manifest):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop("crm/staff/s.csv", "staff_id\nS1\n")
    drop("crm/staff/s.csv.manifest.json", manifest.encode("latin-1"))
    message = rejected(land, "crm/staff/s.csv")
    assert (
        "its manifest s.csv.manifest.json has no usable exported_at: write" in message
    )


def test_a_feed_with_manifests_waits_for_them(settings, drop, land, raw, monkeypatch):
    declared = feeds() | {
        ("crm", "staff"): replace(feeds()["crm", "staff"], has_manifests=True)
    }
    monkeypatch.setattr(landing, "feeds", lambda: declared)
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop("crm/staff/s_2026-06-30.csv", "staff_id\nS1\n")
    for _ in range(2):
        assert land().notes == [
            "crm/staff/s_2026-06-30.csv: it waits for its manifest "
            "s_2026-06-30.csv.manifest.json."
        ]
    assert raw("crm/staff") == []
    drop("crm/staff/s_2026-06-30.csv.manifest.json", '{"exported_at": "2026-06-29"}')
    land()
    assert str(raw("crm/staff")[0]["_exported_at"]).startswith("2026-06-29")
    assert [status for _, status in statuses(settings)] == [
        "loaded",
        "waiting",
        "loaded",
    ]


# --- what raw looks like -------------------------------------------------------------


def test_every_declared_feed_has_its_shape_in_raw_even_if_it_never_came(
    settings, drop, land
):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    land()
    provenance = {
        "_file": "VARCHAR",
        "_batch": "VARCHAR",
        "_exported_at": "TIMESTAMP",
        "_first_row": "INTEGER",
        "_row_number": "BIGINT",
        "_unparsed_line": "VARCHAR",
    }
    for feed in feeds().values():
        shape = settings.raw / feed.source / feed.name / landing.SHAPE
        found = duckdb.sql(f"select column_name, column_type from (describe '{shape}')")
        declared = dict.fromkeys((column.name for column in feed.columns), "VARCHAR")
        assert dict(found.fetchall()) == declared | provenance
        assert duckdb.sql(f"select count(*) from '{shape}'").fetchone() == (0,)


def test_a_batch_has_the_types_of_its_feed_s_shape(settings, drop, land):
    drop("crm/customers/a.csv", CUSTOMERS_CSV)
    drop("crm/customers/b.csv", CUSTOMERS_CSV + "broken\n")
    drop(
        "crm/customers/c.jsonl",
        '{"source_customer_id": "C9", "created_at": "2026-01-01"}\n',
    )
    land()
    shapes = {
        frozenset(
            (row[0], row[1])
            for row in duckdb.sql(f"describe from '{path}'").fetchall()
            if row[0].startswith("_")
        )
        for path in (settings.raw / "crm" / "customers").glob("*.parquet")
    }
    assert len(shapes) == 1


def test_every_row_knows_its_file_batch_and_export_time(drop, land, raw):
    drop("crm/customers/c_2026-06-30.csv", CUSTOMERS_CSV + "broken\n")
    (delivery,) = land().deliveries
    for row in raw("crm/customers"):
        assert row["_file"] == "c_2026-06-30.csv"
        assert row["_batch"] == delivery.batch
        assert row["_exported_at"] == datetime(2026, 6, 30, 15, 59, 59, 999999)
    assert [row["_row_number"] for row in raw("crm/customers")] == [2, 3]
    assert (delivery.row_count, delivery.unparsed_count) == (1, 1)


def test_a_misspelt_column_or_folder_is_told_and_lost_by_nobody(drop, land):
    drop(
        "shop/orders/orders_2026-06-30.csv",
        "order_id,ordered_at,currency,gross_amount,discount\n1,2026-06-01,CNY,10,1\n",
    )
    drop("service/ticket/tickets_2026-06-30.csv", "ticket_id\nT1\n")
    folder, column = land().notes
    assert folder.startswith("service/ticket is declared by no file")
    assert "read by nobody: discount." in column
    assert "discount_amount" in column

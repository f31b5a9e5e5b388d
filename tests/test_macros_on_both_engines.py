"""Each macro that bridges the engines gives on both what was worked out by hand."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml

from engines import spark
from engines.rendering import PROJECT, render

# Their job is not a value or a row but a statement or a place: building on both engines
# is what tries them (engines/build.py), and parity is what compares what they made.
STATEMENTS = {
    "raw_view": "makes the view on a raw table's files",
    "keep_contracts": "writes a table for DuckDB's unit tests, nothing on Spark",
    "prepare_built_evaluations": "makes the lists of what was built from what",
    "keep_fingerprints": "writes into such a list",
    "forget_fingerprints": "empties such a list",
    "built_evaluations": "names such a list",
    "drop_coming": "drops what Spark writes on the way",
    "generate_database_name": "names the file of a model, of which Spark has none",
}

# Not dispatched, but made of what is, or of arithmetic that engines do differently.
BUNDLES = {
    "typed", "rounded", "exchanged", "masked_form", "or_forever", "filled_text",
    "wilson_bound", "criterion_measure", "surrogate_key", "key_hash", "record_key",
    "half_width", "told_number",
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """Cases of one macro: rows of text, their types, a query, and what it must give."""

    macro: str
    query: str
    columns: dict[str, str]
    rows: list[tuple]
    expected: dict[int, list]
    gives: str | None
    part: str = ""

    def __str__(self) -> str:
        return f"{self.macro} {self.part}".strip()


def each(
    macro: str,
    call: str,
    columns: dict[str, str],
    gives: str,
    cases: Sequence[tuple],
    part: str = "",
) -> Sheet:
    """Cases of an expression: (argument, …, result), all in one query."""
    return Sheet(
        macro,
        f"select case_number, {call} as result from cases",
        columns,
        [(number, *case[:-1]) for number, case in enumerate(cases)],
        {number: [case[-1]] for number, case in enumerate(cases)},
        gives,
        part,
    )


def grouped(
    macro: str,
    query: str,
    columns: dict[str, str],
    gives: str | None,
    cases: Sequence[tuple[list[tuple], list]],
    part: str = "",
) -> Sheet:
    """Cases of a query on several rows: ([row, …], [result, …])."""
    return Sheet(
        macro,
        query,
        columns,
        [(number, *row) for number, (rows, _) in enumerate(cases) for row in rows],
        {number: results for number, (_, results) in enumerate(cases)},
        gives,
        part,
    )


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def wilson(hits: float, trials: float, sign: int) -> float:
    """Wilson's bound as textbooks have it, over one denominator."""
    square = 1.96**2
    spread = 1.96 * math.sqrt(square + 4 * hits * (1 - hits / trials))
    return (2 * hits + square + sign * spread) / (2 * (trials + square))


# Texts on which engines have been seen to differ, or may.
LONG = "长a" * 5_000
FAMILY = "👩‍👩‍👧‍👦"  # four people, joined: seven characters, eleven units of UTF-16
ACCENT = "e\u0301"  # é in two characters
TEXTS = [
    "", " ", "a", "A b", "tab\tline\nreturn\r", "'quoted' \"twice\" `thrice`",
    "back\\slash \\n \\u0041 %s {x} ${y} $1", "\x1e\x1f", "客户，价格。",
    "\u3000全角\u00a0", "😀", FAMILY, ACCENT, "İıßŉΣσς", "مرحبا", LONG,
]  # fmt: skip

LEAP_MONTHS = [
    ("2024-01-31", 1, "2024-02-29"),
    ("2023-01-31", 1, "2023-02-28"),
    ("1900-01-31", 1, "1900-02-28"),
    ("2000-01-31", 1, "2000-02-29"),
    ("2024-02-29", 0, "2024-02-29"),
    ("2024-02-29", 1, "2024-03-29"),
    ("2024-02-29", -1, "2024-01-29"),
    ("2024-02-29", 12, "2025-02-28"),
    ("2024-02-29", -12, "2023-02-28"),
    ("2024-02-29", 48, "2028-02-29"),
    ("2023-02-28", 12, "2024-02-28"),
    ("2024-03-31", 1, "2024-04-30"),
    ("2024-04-30", 1, "2024-05-30"),
    ("2024-03-31", -1, "2024-02-29"),
    ("2024-12-31", 2, "2025-02-28"),
    ("2024-12-31", 1, "2025-01-31"),
    ("2025-01-01", -1, "2024-12-01"),
    ("1900-01-01", -1, "1899-12-01"),
    ("2999-12-31", 1, "3000-01-31"),
    ("2999-12-31", -12_000, "1999-12-31"),
    (None, 1, None),
    ("2024-01-31", None, None),
]

# Where clocks go back the later of the two, where they go forward the offset before.
LOCAL_TIMES = [
    ("2026-03-29 00:59:59.999999", "Europe/London", "2026-03-29 00:59:59.999999"),
    ("2026-03-29 01:00:00", "Europe/London", "2026-03-29 01:00:00"),
    ("2026-03-29 01:30:00", "Europe/London", "2026-03-29 01:30:00"),
    ("2026-03-29 02:00:00", "Europe/London", "2026-03-29 01:00:00"),
    ("2026-10-25 00:59:59", "Europe/London", "2026-10-24 23:59:59"),
    ("2026-10-25 01:00:00", "Europe/London", "2026-10-25 01:00:00"),
    ("2026-10-25 01:30:00.123456", "Europe/London", "2026-10-25 01:30:00.123456"),
    ("2026-10-25 02:00:00", "Europe/London", "2026-10-25 02:00:00"),
    ("2026-10-24 12:00:00", "Europe/London", "2026-10-24 11:00:00"),
    ("1968-12-01 00:00:00", "Europe/London", "1968-11-30 23:00:00"),  # summer all year
    ("1847-01-01 00:00:00", "Europe/London", "1847-01-01 00:01:15"),  # by its own sun
    ("2999-07-01 00:00:00", "Europe/London", "2999-06-30 23:00:00"),
    ("2999-12-31 23:59:59.999999", "Europe/London", "2999-12-31 23:59:59.999999"),
    ("2026-03-08 02:30:00", "America/New_York", "2026-03-08 07:30:00"),
    ("2026-11-01 00:59:59", "America/New_York", "2026-11-01 04:59:59"),
    ("2026-11-01 01:30:00", "America/New_York", "2026-11-01 06:30:00"),
    ("2026-11-01 02:00:00", "America/New_York", "2026-11-01 07:00:00"),
    ("2026-01-01 00:00:00", "Asia/Shanghai", "2025-12-31 16:00:00"),
    ("2024-02-29 07:59:59", "Asia/Shanghai", "2024-02-28 23:59:59"),
    ("1991-07-01 00:00:00", "Asia/Shanghai", "1991-06-30 15:00:00"),  # summer time
    ("1991-04-14 02:30:00", "Asia/Shanghai", "1991-04-13 18:30:00"),  # begins
    ("1991-09-15 01:30:00", "Asia/Shanghai", "1991-09-14 17:30:00"),  # ends
    ("1991-09-15 00:59:59", "Asia/Shanghai", "1991-09-14 15:59:59"),
    ("1900-01-01 00:00:00", "Asia/Shanghai", "1899-12-31 15:54:17"),  # by its own sun
    ("1900-12-31 23:59:59", "Asia/Shanghai", "1900-12-31 15:59:59"),  # 23:54:17 twice
    ("2026-01-01 00:00:00", "Asia/Kathmandu", "2025-12-31 18:15:00"),
    ("1985-12-31 00:00:00", "Asia/Kathmandu", "1985-12-30 18:30:00"),  # not yet +05:45
    ("2011-12-29 12:00:00", "Pacific/Apia", "2011-12-29 22:00:00"),
    ("2011-12-30 12:00:00", "Pacific/Apia", "2011-12-30 22:00:00"),  # there was none
    ("2011-12-31 00:00:00", "Pacific/Apia", "2011-12-30 10:00:00"),
    ("2026-04-05 01:45:00", "Australia/Lord_Howe", "2026-04-04 15:15:00"),  # 30 minutes
    ("2026-10-04 02:15:00", "Australia/Lord_Howe", "2026-10-03 15:45:00"),
    ("2026-10-25 01:30:00", "Antarctica/Troll", "2026-10-25 01:30:00"),  # two hours
    ("0001-01-01 00:00:00", "UTC", "0001-01-01 00:00:00"),
    ("9999-12-31 23:59:59.999999", "UTC", "9999-12-31 23:59:59.999999"),
    (None, "Asia/Shanghai", None),
    ("2026-01-01 00:00:00", None, None),
]

BUSINESS_DAYS = [
    ("2026-03-29 00:59:59", "Europe/London", "2026-03-29"),
    ("2026-06-30 22:59:59.999999", "Europe/London", "2026-06-30"),
    ("2026-06-30 23:00:00", "Europe/London", "2026-07-01"),
    ("2026-10-24 23:00:00", "Europe/London", "2026-10-25"),
    ("2026-10-25 23:59:59", "Europe/London", "2026-10-25"),
    ("2999-06-30 23:00:00", "Europe/London", "2999-07-01"),
    ("2026-03-08 04:59:59", "America/New_York", "2026-03-07"),
    ("2026-03-09 03:59:59", "America/New_York", "2026-03-08"),
    ("2026-03-09 04:00:00", "America/New_York", "2026-03-09"),
    ("2024-02-28 15:59:59.999999", "Asia/Shanghai", "2024-02-28"),
    ("2024-02-28 16:00:00", "Asia/Shanghai", "2024-02-29"),
    ("2023-02-28 16:00:00", "Asia/Shanghai", "2023-03-01"),
    ("2025-12-31 16:00:00", "Asia/Shanghai", "2026-01-01"),
    ("1991-06-30 14:59:59", "Asia/Shanghai", "1991-06-30"),  # summer time
    ("1991-06-30 15:00:00", "Asia/Shanghai", "1991-07-01"),
    ("1900-01-01 15:54:16", "Asia/Shanghai", "1900-01-01"),  # by its own sun
    ("1900-01-01 15:54:17", "Asia/Shanghai", "1900-01-02"),
    ("2026-01-01 18:14:59.999999", "Asia/Kathmandu", "2026-01-01"),
    ("2026-01-01 18:15:00", "Asia/Kathmandu", "2026-01-02"),
    ("2011-12-30 09:59:59", "Pacific/Apia", "2011-12-29"),  # the 30th was left out
    ("2011-12-30 10:00:00", "Pacific/Apia", "2011-12-31"),
    ("0001-01-01 00:00:00", "UTC", "0001-01-01"),
    ("9999-12-31 23:59:59", "UTC", "9999-12-31"),
    (None, "UTC", None),
    ("2026-01-01 00:00:00", None, None),
]

OFFSET_TIMES = [
    ("2026-01-01 10:30:00Z", "2026-01-01 10:30:00"),
    ("2026-01-01T10:30:15.123456789Z", "2026-01-01 10:30:15.123456"),
    ("1969-12-31 23:59:59.9999999Z", "1969-12-31 23:59:59.999999"),
    ("2026-01-01 10:30:00+08", "2026-01-01 02:30:00"),
    ("2026-01-01T10:30:00+0800", "2026-01-01 02:30:00"),
    ("2026-01-01 07:59:59.5+08:00", "2025-12-31 23:59:59.5"),
    ("2024-02-29 22:30:00-03:30", "2024-03-01 02:00:00"),
    ("2026-01-01 00:00:00+05:45", "2025-12-31 18:15:00"),
    ("2026-01-01 10:30:00-00:00", "2026-01-01 10:30:00"),
    ("2026-01-01 10:30:00+14:00", "2025-12-31 20:30:00"),
    ("1900-01-01 00:00:00+01", "1899-12-31 23:00:00"),
    ("2999-12-31 23:59:59-01", "3000-01-01 00:59:59"),
    ("2026-02-30 10:30:00+08", None),
    ("2026-01-01 25:00:00Z", None),
    ("客户", None),
    ("", None),
    (None, None),
]

# Of no number, whichever kind is expected.
NO_NUMBERS = [
    None, "", " ", ".", "-", "+", "1_000", "1,000", "1 000", "infinity", "-inf", "nan",
    "NaN", "0x10", "1d", "1f", "1L", "12\n", "\n12", "1\t", "١٢", "１２", "一", "1e",
    "e3", "1e+", "1e1.5", "--1", "+-1", "1.2.3", "½", "²", "1e0000", "😀", "$1", "1%",
]  # fmt: skip

INTEGERS = [
    ("0", 0), ("-0", 0), ("+0", 0), ("7", 7), ("+7", 7), ("-7", -7), ("007", 7),
    ("7.", 7), ("7.0", 7), ("-7.000000000000000000000", -7),
    ("1.5", None), ("1.99999", None), ("7.01", None), (".5", None), ("1e3", None),
    ("0" * 17 + "1", 1), ("0" * 18 + "1", None),
    ("999999999999999999", 999_999_999_999_999_999),
    ("-999999999999999999", -999_999_999_999_999_999),
    ("1000000000000000000", None), ("9223372036854775807", None),
]  # fmt: skip

# Halves go away from zero.
AMOUNTS = [
    ("0", "0.0000"), ("-0", "0.0000"), ("7", "7.0000"), ("+7.", "7.0000"),
    ("007", "7.0000"), (".5", "0.5000"), ("-.5", "-0.5000"), ("1.99999", "2.0000"),
    ("0.00005", "0.0001"), ("-0.00005", "-0.0001"), ("0.0000499999999", "0.0000"),
    ("-0.0000499999999", "0.0000"), ("1600.14065", "1600.1407"),
    ("713.03875", "713.0388"), ("0.00015", "0.0002"), ("0.00025", "0.0003"),
    ("1.0000499999999999999999999999999999999999999999", "1.0000"),
    ("12345678901234.567890123456789012345678901234567", "12345678901234.5679"),
    ("99999999999999.9999", "99999999999999.9999"),
    ("-99999999999999.99994", "-99999999999999.9999"), ("99999999999999.99995", None),
    ("100000000000000", None), ("123456789012345678", None), ("1" + "0" * 40, None),
    ("0" * 50 + "1", "1.0000"),
    ("1e3", "1000.0000"), ("1E+3", "1000.0000"), ("-1.5e1", "-15.0000"),
    ("1e001", "10.0000"), ("1e-3", "0.0010"), ("0e999", "0.0000"),
    ("1e13", "10000000000000.0000"), ("1e14", None), ("1e999", None),
    ("5e-5", "0.0001"), ("-5e-5", "-0.0001"), ("4.9999e-5", "0.0000"),
    ("50000e-9", "0.0001"), ("123456.789e-2", "1234.5679"),
    ("5e-6", "0.0000"), ("9.99e-7", "0.0000"), ("99e-7", "0.0000"),
    # What is left of a sum of doubles that is nought.
    ("5.684341886080802e-14", "0.0000"), ("-9.5e-15", "0.0000"), ("6e-30", "0.0000"),
    ("5e-324", "0.0000"),
]  # fmt: skip

DECIMALS = [
    ("0", "0.0000000000"), ("-7", "-7.0000000000"), (".5", "0.5000000000"),
    ("1.99999", "1.9999900000"), ("0.00000000005", "0.0000000001"),
    ("-0.00000000005", "-0.0000000001"), ("0.00000000004999", "0.0000000000"),
    ("12345678.12345678905", "12345678.1234567891"),
    ("99999999.99999999994", "99999999.9999999999"),
    # Here the narrow type has no more room.
    ("99999999.99999999995", "100000000.0000000000"),
    ("-123456789012345678.12345678905", "-123456789012345678.1234567891"),
    ("999999999999999999.99999999994", "999999999999999999.9999999999"),
    ("999999999999999999.99999999995", None), ("1000000000000000000", None),
    ("1e17", "100000000000000000.0000000000"), ("1e18", None),
    ("1e-9", "0.0000000010"), ("5e-11", "0.0000000001"), ("4.9e-11", "0.0000000000"),
    ("5e-12", "0.0000000000"), ("5.684341886080802e-14", "0.0000000000"),
    ("6e-30", "0.0000000000"), ("7.123456789012e0", "7.1234567890"),
]  # fmt: skip

YES = ["true", "TRUE", "True", "t", "T", "yes", "Y", "1", "是"]
NO = ["false", "FALSE", "fAlSe", "f", "F", "no", "N", "0", "否"]
NEITHER = [
    None, "", "tr", "on", "off", "2", "-1", "01", "1.0", "是的", "不", "ＴＲＵＥ",
    "True\n", " true", "ſ", "İ", "faLſe", "τrue",
]  # fmt: skip

NO_DAYS = [
    None, "", "2026-02-30", "2023-02-29", "1900-02-29", "2026-13-01", "2026-00-01",
    "2026-01-00", "2026-1-1", "20260101", "01/02/2026", "2026-01-01\n", "\n2026-01-01",
    "２０２６-01-01", "٢٠٢٦-01-01", "2026-01-01 ", "today", "now", "epoch", "infinity",
    "2026年1月1日", "2026-W01-1", "12026-01-01", "2026-01-01 25:00", "2026-01-01 9:30",
    "2026-01-01 24:00", "2026-01-01 24:00:00", "2026-01-01 23:60", "1767225600",
    "2026-01-01 23:59:60", "2026-01-01  10:30", "2026-01-01 10:30:00.",
]  # fmt: skip

DAYS = [
    ("2026-01-01", "2026-01-01"), ("2024-02-29", "2024-02-29"),
    ("2000-02-29", "2000-02-29"), ("1900-01-01", "1900-01-01"),
    ("2999-12-31", "2999-12-31"), ("0001-01-01", "0001-01-01"),
    ("9999-12-31", "9999-12-31"), ("2026-01-01 00:00", "2026-01-01"),
    ("2026-01-01T00:00:00", "2026-01-01"), ("2026-01-01 00:00:00.000000", "2026-01-01"),
    ("2026-01-01 00:00:01", None), ("2026-01-01 10:30", None), ("2026-01", None),
    ("2026-01-01T00:00Z", None),
]  # fmt: skip

MONTHS = [
    ("2026-02", "2026-02-01"), ("2024-02-01", "2024-02-01"), ("1900-01", "1900-01-01"),
    ("2999-12-01T00:00", "2999-12-01"), ("2026-12-01 00:00:00", "2026-12-01"),
    ("2026-02-02", None), ("2026-2", None), ("202602", None), ("2026-13", None),
    ("2026-00", None), ("2026-02\n", None), ("2026", None), ("２０２６-02", None),
    ("", None), (None, None),
]  # fmt: skip

# Written in Shanghai where no offset says more.
TIMES = [
    ("2026-01-01", "2025-12-31 16:00:00"),
    ("2024-02-29", "2024-02-28 16:00:00"),
    ("2026-01-01 10:30", "2026-01-01 02:30:00"),
    ("2026-01-01T10:30:15", "2026-01-01 02:30:15"),
    ("2026-01-01 23:59:59.999999999", "2026-01-01 15:59:59.999999"),
    ("2026-01-01T10:30:15.1", "2026-01-01 02:30:15.1"),
    ("2026-01-01 10:30:15.000000001", "2026-01-01 02:30:15"),
    ("1991-09-15 01:30", "1991-09-14 17:30:00"),
    ("1900-01-01", "1899-12-31 15:54:17"),
    ("2999-12-31 23:59", "2999-12-31 15:59:00"),
    ("2026-01-01 10:30Z", "2026-01-01 10:30:00"),
    ("2026-01-01T10:30+08", "2026-01-01 02:30:00"),
    ("2026-01-01 10:30-0330", "2026-01-01 14:00:00"),
    ("2026-01-01 10:30+05:45", "2026-01-01 04:45:00"),
    *OFFSET_TIMES[:-5],
    ("2026-01-01 10:30:00+14:59", "2025-12-31 19:31:00"),
    ("2026-01-01 10:30:00+15:00", None),
    ("2026-01-01 10:30:00+99", None),
    ("2026-01-01 10:30+08:60", None),
    ("2026-01-01 10:30:00z", None),
    ("2026-01-01 10:30:00+8", None),
    ("2026-01-01 10:30:00 +08", None),
    ("2026-01-01 10:30:00 UTC", None),
    ("2026-01-01 10:30:00 Asia/Shanghai", None),
    ("2026-01-01 10:30:00Z\n", None),
    ("2026-01-01 10:30:00\n", None),
    ("2026-01-01 24:00Z", None),
    ("2026-01-01 25:00Z", None),
    ("2026-02-30 10:30Z", None),
    ("2026-01-01Z", None),
]


def shares(texts: Sequence[str]) -> list[tuple[str, float]]:
    return [(text, int(md5(text)[:8], 16) / 2**32) for text in texts]


def typed(kind: str, gives: str, cases: Sequence[tuple]) -> Sheet:
    call = "{{ typed('" + kind + "', 'text', \"'Asia/Shanghai'\") }}"
    return each("typed", call, {"text": "string"}, gives, cases, kind)


def formed(form: str, cases: Sequence[tuple]) -> Sheet:
    call = "{{ has_form('text', '" + form + "') }}"
    return each("has_form", call, {"text": "string"}, "boolean", cases, form)


def replaced(form: str, by: str, cases: Sequence[tuple]) -> Sheet:
    call = "{{ replaced_form('text', '" + form + "', '" + by + "') }}"
    return each("replaced_form", call, {"text": "string"}, "string", cases, form)


def bound(kind: str, sign: int) -> Sheet:
    cases = [
        (hits, trials, wilson(hits, trials, sign))
        for hits, trials in [
            (5, 10),
            (1, 3),
            (2, 3),
            (1, 1),
            (0, 1),
            (99, 100),
            (1, 1_000_000_000),
            (123_456_789, 987_654_321),
        ]
    ]
    # Of no hits, or nothing else, the square is all on one side: 3.8416 / 13.8416.
    cases += [
        (0, 10, 0.0 if sign < 0 else 0.277540168766617),
        (10, 10, 0.722459831233383 if sign < 0 else 1.0),
        (0, 0, None),
        (None, 10, None),
        (5, None, None),
    ]
    return each(
        "wilson_bound",
        "{{ wilson_bound('hits', 'trials', " + str(sign) + ") }}",
        {"hits": kind, "trials": kind},
        "double",
        cases,
        f"{kind} {sign}",
    )


# Amounts, purchase days, the last purchase, since when a customer, and the evaluation.
CUSTOMER = [
    "-0.0001", "99999999999999.9999", "2.5", "3", 4, 5, 6,
    "2024-02-29", "2022-12-31", "2024-03-01", "8.125",
]  # fmt: skip

# A contract as feed_contract gives it.
FEED = (
    "{'key': ['id', 'code', 'seen_at'], 'columns': ["
    "{'name': 'id', 'type': 'integer', 'required': true},"
    " {'name': 'code', 'type': 'code', 'required': true},"
    " {'name': 'seen_at', 'type': 'timestamp'},"
    " {'name': 'amount', 'type': 'money'}]}"
)

SHEETS = [
    each(
        "add_months",
        "{{ add_months('day', 'months') }}",
        {"day": "date", "months": "integer"},
        "date",
        LEAP_MONTHS,
    ),
    each(
        "add_months",
        "{{ add_months('day', 'months - 1') }}",
        {"day": "date", "months": "bigint"},
        "date",
        [("2024-01-31", 2, "2024-02-29"), ("2024-01-31", None, None)],
        "of wide numbers",
    ),
    each(
        "business_day",
        "{{ business_day('utc', 'zone') }}",
        {"utc": "timestamp", "zone": "string"},
        "date",
        BUSINESS_DAYS,
    ),
    each(
        "utc_from_local",
        "{{ utc_from_local('local', 'zone') }}",
        {"local": "timestamp", "zone": "string"},
        "timestamp",
        LOCAL_TIMES,
    ),
    each(
        "utc_from_local",
        "{{ utc_from_local('cast(day as timestamp)', 'zone') }}",
        {"day": "date", "zone": "string"},
        "timestamp",
        [
            ("2024-02-29", "Asia/Shanghai", "2024-02-28 16:00:00"),
            ("2018-11-04", "America/Havana", "2018-11-04 05:00:00"),  # midnight twice
            ("2018-11-04", "America/Sao_Paulo", "2018-11-04 03:00:00"),  # no midnight
        ],
        "of days",
    ),
    each(
        "utc_from_offset",
        "{{ utc_from_offset('text') }}",
        {"text": "string"},
        "timestamp",
        OFFSET_TIMES,
    ),
    grouped(
        "each_number",
        "select case_number, {{ each_number('first', 'last') }} as result from cases",
        {"first": "bigint", "last": "bigint"},
        "bigint",
        [
            ([("1", "4")], [1, 2, 3]),
            ([("7", "8")], [7]),
            ([("-1", "1")], [-1, 0]),
            ([("4", "4")], []),
            ([("5", "3")], []),
            ([(None, "4")], []),
            ([("4", None)], []),
            ([("1", "3"), ("8", "9")], [1, 2, 8]),
        ],
    ),
    grouped(
        "days_between",
        "{% for number in range(8) %}"
        "select {{ number }} as case_number, date_day as result from ("
        "{{ days_between('first_day', 'last_day',"
        " '(select * from cases where case_number = ' ~ number ~ ') as span') }}"
        ") as days{{ ' union all ' if not loop.last }}{% endfor %}",
        {"first_day": "date", "last_day": "date"},
        "date",
        [
            (
                [("2024-02-28", "2024-03-01")],
                ["2024-02-28", "2024-02-29", "2024-03-01"],
            ),
            ([("2023-02-28", "2023-03-01")], ["2023-02-28", "2023-03-01"]),
            ([("2025-12-31", "2026-01-01")], ["2025-12-31", "2026-01-01"]),
            ([("2026-03-29", "2026-03-29")], ["2026-03-29"]),
            ([("2026-03-30", "2026-03-29")], []),
            ([("2999-12-30", "2999-12-31")], ["2999-12-30", "2999-12-31"]),
            ([(None, "2026-01-01")], []),
            ([("2026-01-01", None)], []),
        ],
    ),
    each(
        "days_from",
        "{{ days_from('earlier', 'later') }}",
        {"earlier": "date", "later": "date"},
        "bigint",
        [
            ("2024-02-28", "2024-03-01", 2),
            ("2023-02-28", "2023-03-01", 1),
            ("1900-02-28", "1900-03-01", 1),
            ("2024-01-01", "2025-01-01", 366),
            ("2026-01-01", "2026-01-01", 0),
            ("2026-01-02", "2026-01-01", -1),
            ("2026-03-28", "2026-03-30", 2),
            # 400 years are 146,097 days; these are 1,200 without 1800 to 1899.
            ("1900-01-01", "3000-01-01", 3 * 146_097 - 36_524),
            (None, "2026-01-01", None),
            ("2026-01-01", None, None),
        ],
    ),
    each(
        "hours_between",
        "{{ hours_between('earlier', 'later') }}",
        {"earlier": "timestamp", "later": "timestamp"},
        "double",
        [
            ("2024-02-28 00:00:00", "2024-03-01 00:00:00", 48.0),
            ("2023-12-31 23:00:00", "2024-01-01 00:30:00", 1.5),
            ("2026-01-01 00:20:00", "2026-01-01 00:00:00", -1 / 3),
            ("2026-01-01 00:00:00", "2026-01-01 00:00:00.000036", 1e-8),
            ("2026-03-29 00:00:00", "2026-03-29 03:00:00", 3.0),
            ("1900-01-01 00:00:00", "3000-01-01 00:00:00", 24.0 * 401_767),
            (None, "2026-01-01 00:00:00", None),
            ("2026-01-01 00:00:00", None, None),
        ],
    ),
    each(
        "weekday_number",
        "{{ weekday_number('day') }}",
        {"day": "date"},
        "int",
        [
            ("2026-01-05", 1),
            ("2026-01-04", 7),
            ("2024-02-29", 4),
            ("1969-12-31", 3),
            ("1900-01-01", 1),
            ("2999-12-31", 2),
            (None, None),
        ],
    ),
    each(
        "or_forever",
        "{{ or_forever('day') }}",
        {"day": "date"},
        "date",
        [("2024-02-29", "2024-02-29"), (None, "2999-12-31"), ("9999-12-31",) * 2],
    ),
    each(
        "hash_share",
        "{{ hash_share('text') }}",
        {"text": "string"},
        "double",
        [
            (None, None),
            ("", 0xD41D8CD9 / 0x100000000),
            ("a", 0x0CC175B9 / 0x100000000),
            *shares(TEXTS),
        ],
    ),
    each(
        "keyed_hash",
        "{{ keyed_hash('text', 'secret') }}",
        {"text": "string", "secret": "string"},
        "string",
        [
            (None, "key", None),
            ("text", None, None),
            ("a", "", sha256(sha256("a"))),
            *[
                (text, secret, sha256(secret + sha256(secret + text)))
                for text in TEXTS
                for secret in ("key", "钥匙😀")
            ],
        ],
    ),
    each(
        "surrogate_key",
        "{{ surrogate_key(['first_part', 'second_part']) }}",
        {"first_part": "string", "second_part": "string"},
        "string",
        [
            ("a", "b", md5("a\x1fb")),
            ("ab", "", md5("ab\x1f")),
            ("", "ab", md5("\x1fab")),
            *[(text, text, md5(f"{text}\x1f{text}")) for text in TEXTS],
        ],
    ),
    # How many numbers there are for these rows.
    grouped(
        "row_hash",
        "select case_number, count(distinct hashed) as result from ("
        "select case_number, {{ row_hash(['name', 'note', 'amount', 'day', 'seen_at',"
        " 'yes']) }} as hashed from cases) as hashes group by case_number",
        {
            "name": "string",
            "note": "string",
            "amount": "decimal(18, 4)",
            "day": "date",
            "seen_at": "timestamp",
            "yes": "boolean",
        },
        "bigint",
        [
            (
                [("a", "b", "1", "2024-02-29", "2024-02-29 00:00:00.000001", "true")]
                * 3,
                [1],
            ),
            ([(None,) * 6] * 3, [1]),
            ([(LONG, FAMILY, "-0.0001", None, None, None)] * 2, [1]),
            (
                [
                    ("a", None, None, None, None, None),
                    (None, "a", None, None, None, None),
                    ("", "a", None, None, None, None),
                    ("a", "", None, None, None, None),
                    ("a", "a", None, None, None, None),
                    (None, None, None, None, None, None),
                    ("", "", None, None, None, None),
                    ("", None, None, None, None, None),
                    (None, "", None, None, None, None),
                ],
                [9],
            ),
            (
                [
                    ("a", "b", "1", "2024-02-29", "2024-02-29 00:00:00", "true"),
                    ("b", "a", "1", "2024-02-29", "2024-02-29 00:00:00", "true"),
                    ("ab", "", "1", "2024-02-29", "2024-02-29 00:00:00", "true"),
                    ("a", "b", "1.0001", "2024-02-29", "2024-02-29 00:00:00", "true"),
                    ("a", "b", "-1", "2024-02-29", "2024-02-29 00:00:00", "true"),
                    ("a", "b", "0", "2024-02-29", "2024-02-29 00:00:00", "true"),
                    ("a", "b", None, "2024-02-29", "2024-02-29 00:00:00", "true"),
                    ("a", "b", "1", "2024-02-28", "2024-02-29 00:00:00", "true"),
                    ("a", "b", "1", None, "2024-02-29 00:00:00", "true"),
                    ("a", "b", "1", "2024-02-29", "2024-02-29 00:00:00.000001", "true"),
                    ("a", "b", "1", "2024-02-29", None, "true"),
                    ("a", "b", "1", "2024-02-29", "2024-02-29 00:00:00", "false"),
                    ("a", "b", "1", "2024-02-29", "2024-02-29 00:00:00", None),
                ],
                [13],
            ),
            ([(text, *[None] * 5) for text in TEXTS], [len(TEXTS)]),
        ],
        "tells apart",
    ),
    # A whole number, of which a hundred thousand are one.
    grouped(
        "row_hash",
        "select case_number, sum(hashed) % max(hashed) = 0"
        " and sum(hashed) <> max(hashed) and max(hashed) = floor(max(hashed)) as result"
        " from (select case_number, {{ row_hash(['name']) }} as hashed"
        " from cases cross join range(100000) as copies) as hashes"
        " group by case_number",
        {"name": "string"},
        "boolean",
        [([("a",)], [True]), ([(None,)], [True]), ([("客户",)], [True])],
        "sums up",
    ),
    grouped(
        "key_hash",
        "select case_number, count(distinct hashed) as result from ("
        "select case_number, {{ key_hash(" + FEED + ", 'cases', \"'Asia/Shanghai'\") }}"
        " as hashed from cases) as hashes group by case_number",
        {"id": "string", "code": "string", "seen_at": "string"},
        "bigint",
        [
            # The same key, however it is written.
            (
                [
                    ("7", "A", "2026-01-01 10:30"),
                    ("07", "A", "2026-01-01T10:30:00.000"),
                    ("7.0", " A ", "2026-01-01 10:30+08"),
                    ("+7", "\u3000A\u00a0", "2026-01-01 02:30Z"),
                    (" 7", "A", "2026-01-01T06:00+03:30"),
                ],
                [1],
            ),
            (
                [
                    ("7", "A", "2026-01-01"),
                    ("8", "A", "2026-01-01"),
                    ("7", "a", "2026-01-01"),
                    ("7", "A", "2026-01-02"),
                    ("7", "A", None),
                    ("7", None, "2026-01-01"),
                    (None, "A", "2026-01-01"),
                    ("7", "A\t", "2026-01-01"),
                ],
                [8],
            ),
            ([("7", "A", "2026-01-01"), ("7", "A", "2026-01-01")], [1]),
            ([("7", "", "no time"), ("7", " ", None)], [1]),
        ],
    ),
    each(
        "record_key",
        "{{ record_key(" + FEED + ", 'cases') }}",
        {
            "_unparsed_line": "string",
            "id": "bigint",
            "code": "string",
            "seen_at": "timestamp",
        },
        "string",
        [
            (None, 7, "A", "2024-02-29 00:00:00", "7\x1fA\x1f2024-02-29 00:00:00"),
            (
                None,
                -7,
                "客户",
                "2024-02-29 00:00:00.12",
                "-7\x1f客户\x1f2024-02-29 00:00:00.12",
            ),
            (None, 7, FAMILY, None, f"7\x1f{FAMILY}\x1f"),
            (None, None, "A", "2024-02-29 00:00:00", None),
            (None, 7, None, "2024-02-29 00:00:00", None),
            (None, 7, "", "2024-02-29 00:00:00", None),
            ("7;A;…", 7, "A", "2024-02-29 00:00:00", None),
        ],
    ),
    each(
        "record_key",
        "{{ record_key({'key': ['day', 'amount', 'yes'], 'columns': ["
        "{'name': 'day', 'type': 'date'}, {'name': 'amount', 'type': 'money'},"
        " {'name': 'yes', 'type': 'boolean'}]}, 'cases') }}",
        {
            "_unparsed_line": "string",
            "day": "date",
            "amount": "decimal(18, 4)",
            "yes": "boolean",
        },
        "string",
        [
            (None, "2024-02-29", "0", "true", "2024-02-29\x1f0.0000\x1ftrue"),
            (None, "1900-01-01", "-0.0001", "false", "1900-01-01\x1f-0.0001\x1ffalse"),
            (
                None,
                "2999-12-31",
                "99999999999999.9999",
                None,
                "2999-12-31\x1f99999999999999.9999\x1f",
            ),
            (None, None, None, None, "\x1f\x1f"),
        ],
        "of other types",
    ),
    formed(
        "^[0-9]{1,3}$",
        [
            (None, None),
            ("", False),
            ("1", True),
            ("123", True),
            ("1234", False),
            ("12\n", False),
            ("\n12", False),
            ("12\r", False),
            ("1\n2", False),
            ("١٢", False),
            ("１２", False),
            ("12\u2028", False),
            ("1" * 10_000, False),
        ],
    ),
    formed(
        "[^a-z ]",
        [
            (None, None),
            ("", False),
            ("abc d", False),
            ("abC", True),
            ("ab\n", True),
            ("客户", True),
            ("😀", True),
            (ACCENT, True),
            ("é", True),
            ("a" * 10_000, False),
            ("a" * 10_000 + "\\", True),
        ],
    ),
    formed(
        "^(甲|😀+)$", [("甲", True), ("😀😀", True), ("甲甲", False), (FAMILY, False)]
    ),
    formed("[.]$", [("a.", True), ("a.\n", False), ("a", False), ("。", False)]),
    replaced(
        "[0-9]+",
        "9",
        [
            (None, None),
            ("", ""),
            ("a1b22c", "a9b9c"),
            ("123", "9"),
            ("٣１", "٣１"),
            ("1\n2", "9\n9"),
            ("客1户23", "客9户9"),
            ("1😀2", "9😀9"),
            ("1" * 5_000 + "a" + "2" * 5_000, "9a9"),
        ],
    ),
    replaced(
        "[^9]",
        "x",
        [("9a\n😀", "9xxx"), (ACCENT, "xx"), (FAMILY, "x" * 7), ("\\'\"", "xxx")],
    ),
    replaced("0$", "", [("100", "10"), ("10\n", "10\n"), ("0", ""), ("01", "01")]),
    replaced("^[甲乙]", "丙", [("甲乙", "丙乙"), ("丁甲", "丁甲"), ("a\n甲", "a\n甲")]),
    each(
        "masked_form",
        "{{ masked_form('text') }}",
        {"text": "string"},
        "string",
        [
            (None, None),
            ("", ""),
            ("Ann.Lee+7@x-y.org", "xxx.xxx+9@x-x.xxx"),
            ("138 0013 8000", "999 9999 9999"),
            ('12,5;"a"|b/c:d', '99,9;"x"|x/x:x'),
            ("a\tb\nc\\d'e", "xxxxxxxxx"),
            ("张三123", "xx999"),
            ("１２", "xx"),
            ("😀9", "x9"),
            (FAMILY, "x" * 7),
            (ACCENT, "xx"),
            ("\x1e\x1f", "xx"),
            ("\u3000 \u00a0", "x x"),
            (LONG, "x" * 80),
            ("7" * 79 + "😀😀", "9" * 79 + "x"),
        ],
    ),
    each(
        "half_width",
        "{{ half_width('text') }}",
        {"text": "string"},
        "string",
        [
            ("ＡＺａｚ０９＠．－＿～！", "AZaz09@.-_~!"),
            ("（ａ）\u3000ｂ\u00a0c\td\ne", "(a) b c d e"),
            ("\u3000\u200bab\u00ad\ufeff ", "ab"),
            ("林 晓雯，'\\", "林 晓雯,'\\"),
            ("", ""),
            (None, None),
        ],
    ),
    each(
        "trimmed",
        "{{ trimmed('text') }}",
        {"text": "string"},
        "string",
        [
            (None, None),
            ("", ""),
            (" ", ""),
            ("  a b  ", "a b"),
            ("\u3000客 户\u00a0", "客 户"),
            ("\u2003\u2009\u202f\u205f\u1680😀\u2000\u200a", "😀"),
            # Tabs, line breaks, and what has no width, stay.
            ("\ta\n", "\ta\n"),
            (" \ta\r\n ", "\ta\r\n"),
            ("\u200ba\ufeff", "\u200ba\ufeff"),
            ("\u2028a\u0085", "\u2028a\u0085"),
            ("\x1ea\x1f", "\x1ea\x1f"),
            ("'u0020\\u0020", "'u0020\\u0020"),
            (f" {FAMILY} ", FAMILY),
            (f" {LONG}\u3000", LONG),
            (" " * 10_000, ""),
        ],
    ),
    each(
        "lower_case",
        "{{ lower_case('text') }}",
        {"text": "string"},
        "string",
        [
            (None, None),
            ("", ""),
            ("Ann@Example.ORG", "ann@example.org"),
            ("+86 138", "+86 138"),
            ("İSTANBUL", "istanbul"),
            ("ISPARTA ı", "isparta ı"),
            ("ΟΔΟΣ", "οδοσ"),
            ("Σ Σα ΑΣ. ς", "σ σα ασ. ς"),
            ("STRASSE ẞ ß", "strasse ß ß"),
            ("ŉ ǅ ﬁ", "ŉ ǆ ﬁ"),
            ("ÀÉÎ E\u0301", "àéî e\u0301"),
            ("ЖЩ Ա", "жщ ա"),
            ("Ａ", "ａ"),
            ("K Å", "k å"),  # the signs of Kelvin and Ångström
            ("客户 😀" + FAMILY, "客户 😀" + FAMILY),
            ("\tA\nB\\", "\ta\nb\\"),
            ("𐐀", "𐐨"),
            ("A" * 10_000, "a" * 10_000),
        ],
    ),
    grouped(
        "split_items",
        "select case_number, item as result from ("
        "{{ split_items('cases', 'text', 'separator', ['case_number']) }}) as items",
        {"text": "string", "separator": "string"},
        "string",
        [
            ([("a|b||c", "|")], ["", "a", "b", "c"]),
            ([("a.b", ".")], ["a", "b"]),
            ([("a;b;", ";")], ["", "a", "b"]),
            ([(";", ";")], ["", ""]),
            ([("", ";")], [""]),
            ([(None, ";")], []),
            ([("甲；乙", "；")], ["甲", "乙"]),
            ([("a^b", "^")], ["a", "b"]),
            ([("a\\b", "\\")], ["a", "b"]),
            ([("a[b]c", "[")], ["a", "b]c"]),
            ([("a[b]c", "]")], ["a[b", "c"]),
            ([("(a*b", "*")], ["(a", "b"]),
            ([("a$b", "$")], ["a", "b"]),
            ([("a?b", "?")], ["a", "b"]),
            ([("a b", " ")], ["a", "b"]),
            ([("a; b;c", "; ")], ["a", "b;c"]),
            ([("a--b-c", "--")], ["a", "b-c"]),
            ([("aXbxc", "x")], ["aXb", "c"]),
            ([("a\nb\n", "\n")], ["", "a", "b"]),
            ([("a\x1eb\x1fc", "\x1e")], ["a", "b\x1fc"]),
            ([("a\x1eb\x1fc", "\x1f")], ["a\x1eb", "c"]),
            ([(f"{FAMILY}😀{ACCENT}", "😀")], [ACCENT, FAMILY]),
            ([(LONG, ";")], [LONG]),
            ([(";".join("客" * 5_000), ";")], ["客"] * 5_000),
            ([("a;b", ";"), ("b;c", ";")], ["a", "b", "b", "c"]),
        ],
    ),
    grouped(
        "split_items",
        "select case_number, kept || ':' || item as result from ("
        "{{ split_items('cases', 'text', 'chr(30)', ['case_number', 'kept']) }}"
        ") as items",
        {"text": "string", "kept": "string"},
        "string",
        [
            ([("a\x1e\x1eb", "k")], ["k:", "k:a", "k:b"]),
            ([("a|b;c", "k")], ["k:a|b;c"]),
        ],
        "by a literal",
    ),
    *[
        grouped(
            "sorted_list",
            f"select case_number, {{{{ sorted_list('text', 'place', '{separator}') }}}}"
            " as result from cases group by case_number",
            {"text": "string", "place": "integer"},
            "string",
            [
                ([("b", 1), ("a", 2)], [f"b{separator}a"]),
                ([("a", 2), ("b", 1), ("c", 10)], [f"b{separator}a{separator}c"]),
                ([("a", 1), (None, 2), ("c", 3)], [f"a{separator}c"]),
                ([("a", 1), ("", 2), ("c", 3)], [f"a{separator}{separator}c"]),
                ([("a", 1), ("a", 2)], [f"a{separator}a"]),
                ([("last", None), ("a", -1)], [f"a{separator}last"]),
                ([(None, 1), (None, 2)], [None]),
                ([("", 1)], [""]),
                (
                    [("甲", 2), (FAMILY, 1), ("'\\", 3)],
                    [separator.join([FAMILY, "甲", "'\\"])],
                ),
                ([(LONG, 1), (LONG, 2)], [LONG + separator + LONG]),
            ],
            f"by {separator!r}",
        )
        for separator in (";", "; ", "；", "|")
    ],
    # By the characters' numbers, which is neither any language's order nor UTF-16's.
    grouped(
        "sorted_list",
        "select case_number, {{ sorted_list('text', 'text', ' ') }} as result"
        " from cases group by case_number",
        {"text": "string"},
        "string",
        [
            ([(text,) for text in "～😀é甲zZaA"], ["A Z a z é 甲 ～ 😀"]),
            ([("10",), ("9",), ("_",), ("",), ("ab",), ("a",)], [" 10 9 _ a ab"]),
        ],
        "of texts in order",
    ),
    grouped(
        "sorted_list",
        "select 0 as case_number, {{ sorted_list('text', 'text', ' ') }} as result"
        " from cases where text <> 'a'",
        {"text": "string"},
        "string",
        [([("a",)], [None])],
        "of nothing",
    ),
    *[
        grouped(
            "last_known",
            "select case_number, place || '=' || coalesce({{ last_known('value') }}"
            " over (partition by case_number order by place nulls last"
            f" rows between unbounded preceding and {frame}), 'none') as result"
            " from cases",
            {"place": "string", "value": "string"},
            "string",
            [
                (
                    [("1", None), ("2", None), ("3", "x"), ("4", None), ("5", "")],
                    ["1=none", "2=none", *late],
                ),
                ([("1", None)], ["1=none"]),
            ],
            frame,
        )
        for frame, late in [
            ("current row", ["3=x", "4=x", "5="]),
            ("1 preceding", ["3=none", "4=x", "5=x"]),
        ]
    ],
    grouped(
        "last_known",
        "select case_number, {{ last_known('yes') }} over (partition by case_number"
        " order by place nulls last rows between unbounded preceding and current row)"
        " as result from cases",
        {"place": "integer", "yes": "boolean"},
        "boolean",
        [
            (
                [(1, "true"), (2, None), (3, "false"), (4, None)],
                [False, False, True, True],
            )
        ],
        "of truths",
    ),
    grouped(
        "star_without",
        "select {{ star_without(['dropped', 'also_dropped']) }} from cases",
        {"dropped": "string", "result": "string", "also_dropped": "date"},
        "string",
        [([("a", "客户", None)], ["客户"])],
        "of all",
    ),
    grouped(
        "star_without",
        "select {{ star_without(['dropped'], 'cases') }} from cases"
        " inner join cases as again on cases.case_number = again.case_number",
        {"dropped": "string", "result": "string"},
        "string",
        [([("a", "b")], ["b"])],
        "of one relation",
    ),
    typed("text", "string", [(None, None), *[(text, text) for text in TEXTS]]),
    typed("code", "string", [(None, None), *[(text, text) for text in TEXTS]]),
    typed("integer", "bigint", [*INTEGERS, *[(text, None) for text in NO_NUMBERS]]),
    typed("money", "decimal(18,4)", [*AMOUNTS, *[(text, None) for text in NO_NUMBERS]]),
    typed(
        "quantity", "decimal(18,4)", [*AMOUNTS, *[(text, None) for text in NO_NUMBERS]]
    ),
    typed(
        "decimal", "decimal(28,10)", [*DECIMALS, *[(text, None) for text in NO_NUMBERS]]
    ),
    typed("date", "date", [*DAYS, *[(text, None) for text in NO_DAYS]]),
    typed("month", "date", MONTHS),
    typed("timestamp", "timestamp", [*TIMES, *[(text, None) for text in NO_DAYS]]),
    typed(
        "boolean",
        "boolean",
        [
            *[(text, True) for text in YES],
            *[(text, False) for text in NO],
            *[(text, None) for text in NEITHER],
        ],
    ),
    each(
        "rounded",
        "{{ rounded('value', 18, 4) }}",
        {"value": "double"},
        "decimal(18,4)",
        [
            (None, None),
            ("0", "0.0000"),
            ("-0.0", "0.0000"),
            ("0.00005", "0.0001"),
            ("-0.00005", "-0.0001"),
            ("0.00004999999999999999", "0.0000"),
            ("1600.14065", "1600.1407"),
            ("713.03875", "713.0388"),
            ("0.00025", "0.0003"),
            # As a double, ten thousand times this is 1.4999999999999998.
            (3 / 20000.0, "0.0001"),
            ("2.675", "2.6750"),
            ("1e-300", "0.0000"),
            ("123456789.12345", "123456789.1235"),
            ("900719925474.0992", "900719925474.0992"),
            # The double nearest to its ten thousand times: they lie 128 apart there.
            ("99999999999999", "99999999999999.0016"),
            ("-99999999999999", "-99999999999999.0016"),
        ],
    ),
    each(
        "rounded",
        "{{ rounded('value / 20000.0', 18, 4) }}",
        {"value": "double"},
        "decimal(18,4)",
        [
            ("3", "0.0001"),
            ("1", "0.0001"),
            ("-1", "-0.0001"),
            ("32002813", "1600.1407"),
        ],
        "of a quotient",
    ),
    each(
        "rounded",
        "{{ rounded('value', 9, 6) }}",
        {"value": "double"},
        "decimal(9,6)",
        [("0.5", "0.500000"), ("0.0000005", "0.000001"), ("999.9999994", "999.999999")],
        "to six places",
    ),
    each(
        "rounded",
        "{{ rounded('value', 18, 1) }}",
        {"value": "double"},
        "decimal(18,1)",
        [
            ("2.25", "2.3"),
            ("-2.25", "-2.3"),
            ("0.04", "0.0"),
            ("-0.04", "0.0"),
            ("12345678901234567", "12345678901234568.0"),
        ],
        "to one place",
    ),
    each(
        "exchanged",
        "{{ exchanged('amount', 'rate') }}",
        {"amount": "decimal(18, 4)", "rate": "decimal(28, 10)"},
        "decimal(18,4)",
        [
            ("1600.1407", "1", "1600.1407"),
            ("99999999999999.9999", "1", "99999999999999.9999"),
            ("0.5", "0.0001", "0.0001"),
            ("-0.5", "0.0001", "-0.0001"),
            ("0.4999", "0.0001", "0.0000"),
            ("1", "7.123456789", "7.1235"),
            ("3", "0.3333333333", "1.0000"),
            ("-1000", "0.1381234567", "-138.1235"),
            ("12345678901234.5678", "0.01", "123456789012.3457"),
            ("99999999999999.9999", "0.01", "1000000000000.0000"),
            ("0.0001", "999999999.9999999999", "100000.0000"),
            ("1000", "999999999.9999999999", "1000000000000.0000"),
            ("1000.0001", "999999999.9999999999", None),
            ("-1000.0001", "999999999.9999999999", None),
            ("99999999999999.9999", "999999999.9999999999", None),
            ("0", "0", "0.0000"),
            (None, "1", None),
            (None, "2", None),
            ("1", None, None),
        ],
    ),
    bound("bigint", -1),
    bound("bigint", 1),
    bound("double", -1),
    bound("double", 1),
    each(
        "filled_text",
        "{{ filled_text('text', {'value': 'value', 'next': 'next_value'}) }}",
        {"text": "string", "value": "string", "next_value": "string"},
        "string",
        [
            ("{value} of {next}", "1", "2", "1 of 2"),
            ("{value}{value}", "a", None, "aa"),
            ("{value}, {next}", None, None, "?, ?"),
            ("{other} {Value} {value", "1", "2", "{other} {Value} {value"),
            ("只差 {value} 分，{next}！", "0.5", "金牌", "只差 0.5 分，金牌！"),
            ("[{value}]", "", "x", "[]"),
            ("{value}", "$1\\1\\", "x", "$1\\1\\"),
            ("{value}", FAMILY, "x", FAMILY),
            ("{value}\t'{next}'\n", "'", '"', "'\t'\"'\n"),
            ("{value}", LONG, "x", LONG),
            ("", "1", "2", ""),
            (None, "1", "2", None),
        ],
    ),
    each(
        "told_number",
        "{{ told_number('value', 'unit') }}",
        {"value": "double", "unit": "string"},
        "string",
        [
            ("0.625", "share", "63%"),
            ("-0.004", "share", "0%"),
            ("1", "share", "100%"),
            ("3.25", "ratio", "3.3"),
            ("4", "ratio", "4.0"),
            ("73.999", "days", "73"),
            ("-0.5", "count", "-1"),
            ("1200.9", "money", "1200"),
            ("7.5", None, "7"),
            (None, "share", None),
            (None, "days", None),
        ],
    ),
    each(
        "told_number",
        "{{ told_number('value', 'unit', 'round') }}",
        {"value": "double", "unit": "string"},
        "string",
        [("2.5", "count", "3"), ("2.4999", "days", "2"), ("0.555", "share", "56%")],
        "rounded",
    ),
    each(
        "criterion_measure",
        "{{ criterion_measure('cases', 'cases') }}",
        {
            "measure": "string",
            "window_days": "integer",
            "value_365_amount": "decimal(18, 4)",
            "net_revenue_90_amount": "decimal(18, 4)",
            "net_revenue_180_amount": "decimal(18, 4)",
            "net_revenue_365_amount": "decimal(18, 4)",
            "purchase_day_90_count": "integer",
            "purchase_day_180_count": "integer",
            "purchase_day_365_count": "integer",
            "last_purchased_on": "date",
            "customer_since": "date",
            "evaluation_date": "date",
            "expected_amount": "decimal(18, 4)",
        },
        "decimal(18,4)",
        [
            (measure, window, *CUSTOMER, expected)
            for measure, window, expected in [
                ("value", 365, "-0.0001"),
                ("value", None, "-0.0001"),
                ("net_revenue", 90, "99999999999999.9999"),
                ("net_revenue", 180, "2.5000"),
                ("net_revenue", 365, "3.0000"),
                ("net_revenue", 30, None),
                ("purchase_days", 90, "4.0000"),
                ("purchase_days", 180, "5.0000"),
                ("purchase_days", 365, "6.0000"),
                ("purchase_days", None, None),
                ("recency_days", 365, "1.0000"),
                # A day of 2022, all of 2023, and of 2024 two months.
                ("tenure_days", 365, "426.0000"),
                ("predicted_value", None, "8.1250"),
                ("no such", 365, None),
                (None, 365, None),
            ]
        ]
        + [
            (
                "tenure_days",
                365,
                *[None] * 8,
                "2024-02-29",
                "2024-03-01",
                None,
                "1.0000",
            ),
            ("tenure_days", 365, *[None] * 9, "2024-03-01", None, None),
            ("recency_days", 365, *[None] * 9, "2024-03-01", None, None),
            ("predicted_value", None, *CUSTOMER[:-1], None, None),
        ],
    ),
]


# ------------------------------------------------------------------------- engines


# Of types that DuckDB calls otherwise.
SPARKS_NAMES = {"varchar": "string", "integer": "int"}


class OnDuckdb:
    """DuckDB as the models have it."""

    name = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'")

    def give(self, names: Sequence[str], rows: Sequence[tuple]) -> None:
        columns = ", ".join(f"{name} varchar" for name in names)
        self.connection.execute(
            f"create or replace temp table given (case_number integer, {columns})"
        )
        marks = ", ".join("?" for _ in range(len(names) + 1))
        self.connection.executemany(f"insert into given values ({marks})", rows)

    def ask(self, sql: str) -> tuple[dict[str, str], list[tuple]]:
        """The columns of a query with their types, and its rows; times are texts."""
        relation = self.connection.sql(sql)
        types = [str(kind).lower() for kind in relation.types]
        columns = {
            name: SPARKS_NAMES.get(kind, kind)
            for name, kind in zip(relation.columns, types, strict=True)
        }
        return columns, relation.project(", ".join(told(columns))).fetchall()

    def stop(self) -> None:
        self.connection.close()


class OnSpark:
    """Spark as profiles.yml and dbt set it up for the models, but small."""

    name = "spark"

    def __init__(self, folder: Path) -> None:
        from pyspark.sql import SparkSession

        settings = {
            **spark.configuration(folder),
            "spark.sql.ansi.enabled": "false",
            "spark.sql.shuffle.partitions": "1",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": "2g",
        }
        builder = SparkSession.builder.master("local[1]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")

    def give(self, names: Sequence[str], rows: Sequence[tuple]) -> None:
        columns = ", ".join(f"{name} string" for name in names)
        given = self.session.createDataFrame(rows, f"case_number int, {columns}")
        given.createOrReplaceTempView("given")

    def ask(self, sql: str) -> tuple[dict[str, str], list[tuple]]:
        """The columns of a query with their types, and its rows; times are texts."""
        frame = self.session.sql(sql)
        columns = dict(frame.dtypes)
        rows = frame.selectExpr(*told(columns)).collect()
        return columns, [tuple(row) for row in rows]

    def stop(self) -> None:
        self.session.stop()


def told(columns: dict[str, str]) -> list[str]:
    """The columns as Python gets them: of times it would make its own zone's."""
    return [
        f"cast({name} as string) as {name}" if kind in ("date", "timestamp") else name
        for name, kind in columns.items()
    ]


@pytest.fixture(
    scope="module", params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)]
)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OnDuckdb | OnSpark]:
    """Each engine once, for all tests of this file."""
    if request.param == "duckdb":
        started = OnDuckdb()
    else:
        request.getfixturevalue("needs_spark")
        started = OnSpark(tmp_path_factory.mktemp("spark"))
    yield started
    started.stop()


def shown(value: object) -> object:
    """A result as texts and numbers that compare: doubles to twelve places."""
    if isinstance(value, Decimal):
        return f"{(value + 0).normalize():f}"  # without the sign of nought
    return round(value, 12) if isinstance(value, float) else value


def asked(engine: OnDuckdb | OnSpark, sheet: Sheet) -> tuple[dict, list[tuple]]:
    """What an engine makes of a sheet's query."""
    rows = [
        (number, *(None if value is None else str(value) for value in values))
        for number, *values in sheet.rows
    ]
    engine.give(list(sheet.columns), rows)
    columns = ", ".join(
        f"cast({name} as {kind}) as {name}" for name, kind in sheet.columns.items()
    )
    query = render(sheet.query, engine.name)
    return engine.ask(
        f"with cases as (select case_number, {columns} from given)\n{query}"
    )


# --------------------------------------------------------------------------- tests


@pytest.mark.parametrize("sheet", SHEETS, ids=str)
def test_a_macro_gives_what_was_worked_out_by_hand(engine, sheet):
    columns, rows = asked(engine, sheet)

    found: dict[int, list] = {number: [] for number in sheet.expected}
    for number, result in rows:
        found[number].append(shown(result))
    assert list(columns) == ["case_number", "result"]
    assert sheet.gives in (None, columns["result"])
    assert {
        case_of(sheet, number): sorted(results, key=str)
        for number, results in found.items()
    } == {
        case_of(sheet, number): sorted((wanted(sheet, one) for one in results), key=str)
        for number, results in sheet.expected.items()
    }


def wanted(sheet: Sheet, result: object) -> object:
    """What a sheet expects, as it is shown: its decimals are written as texts."""
    if isinstance(result, str) and (sheet.gives or "").startswith("decimal"):
        return shown(Decimal(result))
    return shown(result)


def case_of(sheet: Sheet, number: int) -> str:
    """The rows of a case, for a reader of what went wrong."""
    rows = [row[1:] for row in sheet.rows if row[0] == number]
    return f"{number}: " + ", ".join(repr(row)[:100] for row in rows[:5])


# Beyond these lie characters that no letter or space has come from yet.
CHARACTERS = [chr(code) for code in range(1, 0x1FFFF) if not 0xD800 <= code < 0xE000]


def differing(
    engine: OnDuckdb | OnSpark, call: str, expected: Callable[[str], str]
) -> list[str]:
    """The characters of which a macro gives something else than is expected."""
    rows = [
        (number, character, expected(character))
        for number, character in enumerate(CHARACTERS)
    ]
    if engine.name == "duckdb":  # row by row it would take a minute
        engine.give(["character", "expected"], rows[:1])
        texts = [list(column) for column in zip(*rows, strict=True)]
        engine.connection.execute(
            "insert into given select unnest(?), unnest(?), unnest(?)",
            [part[1:] for part in texts],
        )
    else:
        engine.give(["character", "expected"], rows)
    _, found = engine.ask(
        f"select character from given where {render(call, engine.name)} <> expected"
        " order by case_number nulls last"
    )
    return [character for (character,) in found]


def test_what_is_trimmed_is_every_space_of_unicode_and_nothing_else(engine):
    spaces = [one for one in CHARACTERS if unicodedata.category(one) == "Zs"]
    assert len(spaces) == 17

    assert not differing(
        engine,
        "{{ trimmed(\"'a' || character || 'b' || character\") }}",
        lambda one: f"a{one}b" if one in spaces else f"a{one}b{one}",
    )


def test_every_letter_has_the_same_lower_case_on_both_engines(engine):
    """Known difference: letters that came with Unicode 16 or later.

    DuckDB 1.5 does not know that they have cases, Spark does: some of the scripts Garay
    and Beria Erfe, and a few of phonetics. No address or reason is written in them.
    """
    unlike = differing(
        engine,
        "{{ lower_case(\"'A' || character || ' ' || character || 'b'\") }}",
        # Python's İ has two letters, as Spark's has; one letter alone ends no word.
        lambda one: "a{0} {0}b".format("i" if one == "İ" else one.lower()),
    )
    assert [one for one in unlike if unicodedata.category(one) != "Cn"] == []
    assert len(unlike) <= 55


@pytest.mark.parametrize(
    ("call", "columns", "row"),
    [
        ("{{ rounded('value', 18, 4) }}", {"value": "double"}, ("1e14",)),
        ("{{ rounded('value', 9, 6) }}", {"value": "double"}, ("1000",)),
    ],
    ids=["rounded", "rounded to six places"],
)
def test_an_amount_without_room_stops_duckdb_and_is_null_on_spark(
    engine, call, columns, row
):
    """Known difference: Spark raises no such errors under the settings of dbt.

    A night is built on DuckDB, so that such an amount stops it before Spark sees it.
    """
    sheet = each("rounded", call, columns, "any", [(*row, None)])
    if engine.name == "duckdb":
        with pytest.raises(duckdb.Error):
            asked(engine, sheet)
    else:
        assert asked(engine, sheet)[1] == [(0, None)]


def test_a_key_of_many_decimal_places_is_a_text_of_its_own_on_spark(engine):
    """Known difference: with scale 10 Spark writes nought as 0E-10.

    No feed has a key of type `decimal`, and no model casts one to text.
    """
    sheet = each(
        "record_key",
        "cast(value as string)",
        {"value": "decimal(28, 10)"},
        "string",
        [("0", None), ("1", None)],
    )
    found = dict(asked(engine, sheet)[1])
    assert found[1] == "1.0000000000"
    assert found[0] == {"duckdb": "0.0000000000", "spark": "0E-10"}[engine.name]


def test_no_feed_has_a_key_whose_text_depends_on_the_engine():
    assert not [
        f"{path.stem}: {column}"
        for path in sorted((PROJECT / "models" / "staging").rglob("*.yml"))
        for column in decimal_keys(path)
    ]


def decimal_keys(path: Path) -> list[str]:
    """The columns of type `decimal` in the keys of the feeds of a file."""
    return [
        f"{table['name']}.{column['name']}"
        for source in yaml.safe_load(path.read_text("utf-8")).get("sources", [])
        for table in source["tables"]
        for column in table.get("columns", [])
        if column["name"] in table["config"]["meta"].get("key", [])
        and column["config"]["meta"]["type"] == "decimal"
    ]


def test_each_macro_that_bridges_the_engines_has_cases_here():
    texts = [path.read_text("utf-8") for path in (PROJECT / "macros").glob("*.sql")]
    dispatched = set(re.findall(r"adapter\.dispatch\('(\w+)'\)", "".join(texts)))

    assert {sheet.macro for sheet in SHEETS} == (dispatched - set(STATEMENTS)) | BUNDLES
    assert set(STATEMENTS) <= dispatched

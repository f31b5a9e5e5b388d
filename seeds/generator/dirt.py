"""Dirty rows: what goes wrong in a text export, and the fate that it must have."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from seeds.generator.feeds import Feed

# Never more in one file, however large the company.
MOST = 2_000
# Of the rows of a text file, at most this share is dirt.
LARGEST_SHARE = 0.3


@dataclass(frozen=True)
class Row:
    """One row of a text file; `raw` stands in its place where it cannot be parsed."""

    values: tuple[str, ...]
    raw: str | None = None
    kind: str = ""
    fate: str = "staged"
    column: str = ""


def draw(*words: object) -> float:
    """A number in [0, 1) that depends on the words alone."""
    text = "|".join(str(word) for word in words).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=7).digest()) / 256**7


@dataclass(frozen=True)
class File:
    """What dirt must know of the file it falls into."""

    feed: Feed
    names: tuple[str, ...]
    seen: datetime
    is_last: bool
    seed: int

    def value(self, row: Row, name: str) -> str:
        return row.values[self.names.index(name)]

    def having(self, row: Row, **values: str) -> tuple[str, ...]:
        return tuple(
            values.get(name, value)
            for name, value in zip(self.names, row.values, strict=True)
        )

    def stranger(self, row: Row, number: int, **values: str) -> tuple[str, ...]:
        """A row of its own key, so that no good row is lost."""
        key = self.feed.key
        return self.having(row, **{key: f"{self.value(row, key)}X{number}", **values})

    def time(self, moment: datetime) -> str:
        if self.feed.times.endswith("Z"):
            moment -= timedelta(hours=8)
        return moment.strftime(self.feed.times)

    def version(self, row: Row) -> datetime:
        moment = datetime.strptime(self.value(row, "updated_at"), self.feed.times)
        if self.feed.times.endswith("Z"):
            moment += timedelta(hours=8)
        return moment.replace(tzinfo=None)


# Each kind: from the file, a good row and a number to the row to add, or None.


def unclosed_quote(file: File, row: Row, number: int) -> Row | None:
    if file.feed.ending != "csv":
        return None
    cells = [*file.stranger(row, number)]
    cells[2] = '"' + (cells[2] or "open")
    return Row((), file.feed.delimiter.join(cells), "unclosed_quote", "quarantined")


def too_few_fields(file: File, row: Row, number: int) -> Row | None:
    if file.feed.ending != "csv":
        return None
    cells = file.stranger(row, number)[:-3]
    return Row((), file.feed.delimiter.join(cells), "too_few_fields", "quarantined")


def too_many_fields(file: File, row: Row, number: int) -> Row | None:
    if file.feed.ending != "csv":
        return None
    cells = (*file.stranger(row, number), "surplus", "more")
    return Row((), file.feed.delimiter.join(cells), "too_many_fields", "quarantined")


def bad_json(file: File, row: Row, number: int) -> Row | None:
    if file.feed.ending != "jsonl":
        return None
    text = json.dumps(dict(zip(file.names, file.stranger(row, number), strict=True)))
    return Row((), text[: len(text) * 2 // 3], "bad_json", "quarantined")


WRONG_NUMBERS = ("12,50", "1_000", "infinity", "very good", "NaN")
WRONG_TIMES = ("2026-13-40", "30.06.2026 14:05", "epoch", "2026-02-30 10:00:00")


def wrong_number(file: File, row: Row, number: int) -> Row | None:
    column = file.feed.number
    if not column:
        return None
    wrong = WRONG_NUMBERS[number % len(WRONG_NUMBERS)]
    return Row(
        file.stranger(row, number, **{column: wrong}),
        None,
        "wrong_number",
        "quarantined",
        column,
    )


def wrong_time(file: File, row: Row, number: int) -> Row | None:
    column = file.feed.event
    if not column:
        return None
    wrong = WRONG_TIMES[number % len(WRONG_TIMES)]
    return Row(
        file.stranger(row, number, **{column: wrong}),
        None,
        "wrong_time",
        "quarantined",
        column,
    )


def barcode_as_number(file: File, row: Row, number: int) -> Row | None:
    """A column too far to the left: beyond whatever is sold, paid or counted."""
    column = file.feed.number
    if not column:
        return None
    return Row(
        file.stranger(row, number, **{column: str(6_901_234_567_892 + number)}),
        None,
        "barcode_as_number",
        "quarantined",
        column,
    )


def unknown_day(file: File, row: Row, number: int) -> Row | None:
    """What a system writes for a day that nobody told, where one must be told."""
    column = file.feed.event
    if not column:
        return None
    first = datetime(1899, 12, 30)
    wrong = str(first.date()) if column.endswith("_on") else file.time(first)
    return Row(
        file.stranger(row, number, **{column: wrong}),
        None,
        "unknown_day",
        "quarantined",
        column,
    )


def unknown_code(file: File, row: Row, number: int) -> Row | None:
    column = file.feed.code
    if not column:
        return None
    return Row(
        file.stranger(row, number, **{column: "teleported"}),
        None,
        "unknown_code",
        "quarantined",
        column,
    )


def missing_required(file: File, row: Row, number: int) -> Row | None:
    column = file.feed.required
    return Row(
        file.stranger(row, number, **{column: ""}),
        None,
        "missing_required",
        "quarantined",
        column,
    )


def after_export(file: File, row: Row, number: int) -> Row | None:
    column = file.feed.event
    if not column:
        return None
    later = file.seen + timedelta(days=20 + number)
    wrong = str(later.date()) if column.endswith("_on") else file.time(later)
    return Row(
        file.stranger(row, number, **{column: wrong}),
        None,
        "after_export",
        "quarantined",
        column,
    )


def exact_duplicate(file: File, row: Row, number: int) -> Row | None:
    return Row(row.values, None, "exact_duplicate", "duplicate")


def is_versioned(file: File, row: Row) -> bool:
    """Only of the last delivery is it known that no newer version follows."""
    return bool(file.is_last and file.feed.code and file.value(row, "updated_at"))


def older_version(file: File, row: Row, number: int) -> Row | None:
    if not is_versioned(file, row) or not file.feed.loose:
        return None
    older = file.time(file.version(row) - timedelta(hours=1))
    values = file.having(row, updated_at=older, **{file.feed.loose: "曾用值"})
    return Row(values, None, "older_version", "superseded", file.feed.loose)


def newer_invalid(file: File, row: Row, number: int) -> Row | None:
    if not is_versioned(file, row):
        return None
    newer = min(file.version(row) + timedelta(hours=2), file.seen)
    if newer <= file.version(row):
        return None
    values = file.having(
        row, updated_at=file.time(newer), **{file.feed.code: "teleported"}
    )
    return Row(values, None, "newer_invalid", "quarantined", file.feed.code)


def corrected_later(file: File, row: Row, number: int) -> Row | None:
    """A bad row of which the good one, not older, stands in the file too."""
    if not is_versioned(file, row):
        return None
    older = file.time(file.version(row) - timedelta(minutes=number % 2))
    values = file.having(row, updated_at=older, **{file.feed.code: "teleported"})
    return Row(values, None, "corrected_later", "superseded", file.feed.code)


KINDS = (
    unclosed_quote,
    too_few_fields,
    too_many_fields,
    bad_json,
    wrong_number,
    wrong_time,
    unknown_code,
    missing_required,
    after_export,
    exact_duplicate,
    older_version,
    newer_invalid,
    corrected_later,
    barcode_as_number,
    unknown_day,
)


def soil(
    file: File, rows: list[Row], feed_rows: int, share: float, has_all: bool
) -> Iterator[Row]:
    """The rows with dirt among them: `share` of the feed's rows, within limits.

    With `has_all` every kind that the feed can have is there, however few its rows.
    """
    wanted = 0
    if share and file.feed.key and rows:
        wanted = int(
            min(share * feed_rows, LARGEST_SHARE * len(rows), MOST)
            + draw(file.seed, file.feed.label, file.seen)
        )
        if has_all:
            wanted = max(wanted, len(KINDS))
    # A row is soiled once at most: two alike would make one of them a duplicate.
    numbers: dict[int, int] = {}
    for number in range(min(wanted, len(rows))):
        place = int(draw(file.seed, file.feed.label, file.seen, number) * len(rows))
        while place in numbers:
            place = (place + 1) % len(rows)
        numbers[place] = number
    for place, row in enumerate(rows):
        yield row
        if place in numbers:
            number = numbers[place]
            possible = [
                added for kind in KINDS if (added := kind(file, row, number // 2))
            ]
            yield possible[number % len(possible)]

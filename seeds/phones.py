"""What SQL needs to know of the world's phone numbers, from a library that is kept up.

    python -m seeds.phones

writes `seeds/reference/phone_regions.csv` and `phone_ranges.csv` anew. The library is
for development only: models read the lists.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from re import _parser  # what `re` itself reads a pattern with: ours are its simplest

import phonenumbers
from phonenumbers import PhoneMetadata

from orchestration.settings import REFERENCE

KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost",
    "personal_number", "voip", "pager", "uan", "voicemail",
)  # fmt: skip
DIGITS = "0123456789"
# How many digits of a number tell whether there are such: enough for a mobile network
# or an area in nearly every country, and few enough for a list that people can read.
LEADING = 3
# A country with more codes to dial abroad has one for each carrier: the usual ones do.
MOST_PREFIXES = 40

# A pattern that has been read in part: for each way that it may go on, what is left.
Node = tuple
State = frozenset[tuple[Node, ...]]


def main() -> int:
    metadata = [
        PhoneMetadata.metadata_for_region(region)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    ]
    write("phone_regions.csv", map(region_line, metadata))
    by_code = defaultdict(list)
    for one in metadata:
        by_code[one.country_code].append(one)
    write(
        "phone_ranges.csv",
        (line for code in sorted(by_code, key=str) for line in ranges(by_code[code])),
    )
    return 0


def write(name: str, lines: Iterator[dict]) -> None:
    lines = list(lines)
    with (Path(REFERENCE) / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, lines[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def region_line(one: PhoneMetadata) -> dict:
    trunk = one.national_prefix_for_parsing or ""
    # Where the library rewrites what follows (a mobile's 15 in Argentina), we do not.
    if one.national_prefix_transform_rule:
        trunk = one.national_prefix or ""
    return {
        "region": one.id,
        "calling_code": str(one.country_code),
        "trunk_prefixes": ";".join(usual(trunk)),
        "international_prefixes": ";".join(usual(one.international_prefix)),
    }


def usual(pattern: str) -> list[str]:
    """What such a pattern stands for: all of it, or of too many the shortest."""
    found = sorted(texts(state(pattern)), key=lambda text: (len(text), text))
    if len(found) <= MOST_PREFIXES:
        return found
    return [text for text in found if len(text) == len(found[0])]


def ranges(regions: list[PhoneMetadata]) -> Iterator[dict]:
    """The beginnings of the numbers of a calling code, by how long such numbers are."""
    patterns = defaultdict(set)
    for one in regions:
        for kind in (getattr(one, name) for name in KINDS):
            if kind is not None and kind.national_number_pattern:
                for length in kind.possible_length or one.general_desc.possible_length:
                    patterns[length] |= state(kind.national_number_pattern)
    patterns.pop(-1, None)  # stands for no number of that kind

    by_stem = defaultdict(set)
    for length, left in patterns.items():
        for beginning in shortened(set(beginnings(frozenset(left), length))):
            by_stem[beginning[:-1], length].add(beginning[-1])
    alike = defaultdict(list)
    for (stem, length), digits in by_stem.items():
        alike[stem, "".join(sorted(digits))].append(length)
    for (stem, digits), some in sorted(alike.items()):
        for shortest, longest in runs(sorted(some)):
            yield {
                "calling_code": str(regions[0].country_code),
                "leading_digits": stem,
                "next_digits": digits,
                "shortest": shortest,
                "longest": longest,
            }


def beginnings(left: State, length: int, begun: str = "") -> Iterator[str]:
    """The first digits of the numbers of this length that a pattern stands for."""
    if not has_length(left, length - len(begun)):
        return
    if len(begun) == min(LEADING, length):
        yield begun
        return
    for digit in DIGITS:
        yield from beginnings(after(left, digit), length, begun + digit)


def shortened(beginnings: set[str]) -> set[str]:
    """The same, with one digit less where each of the ten goes on."""
    found = set(beginnings)
    for size in range(max(map(len, found), default=0) - 1, 0, -1):
        for stem in {text[:size] for text in found if len(text) == size + 1}:
            if found >= (ten := {stem + digit for digit in DIGITS}):
                found = found - ten | {stem}
    return found


def runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """The first and last of numbers that follow each other."""
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in run]
        yield run[0], run[-1]


# --- patterns ------------------------------------------------------------------------


def state(pattern: str | None) -> State:
    """A pattern of which nothing has been read; none stands for no text."""
    return frozenset([nodes(_parser.parse(pattern))]) if pattern else frozenset()


def nodes(parsed: Iterable) -> tuple[Node, ...]:
    """The few forms that patterns of digits are made of."""
    found = []
    for kind, value in parsed:
        name = str(kind)
        if name == "LITERAL":
            found.append(("digits", chr(value)))
        elif name == "IN":
            found.append(("digits", "".join(d for d in DIGITS if is_in(d, value))))
        elif name == "SUBPATTERN":
            found.extend(nodes(value[3]))
        elif name == "BRANCH":
            found.append(("either", tuple(nodes(one) for one in value[1])))
        elif name == "MAX_REPEAT":
            found.append(("times", value[0], value[1], nodes(value[2])))
        else:
            raise ValueError(f"a pattern of digits has a {name}")
    return tuple(found)


def is_in(digit: str, members: Iterable) -> bool:
    """Whether a digit is one of a class such as [0-35] or \\d."""
    return any(
        str(kind) == "CATEGORY"
        or (value == ord(digit) if str(kind) == "LITERAL" else
            value[0] <= ord(digit) <= value[1])
        for kind, value in members
    )  # fmt: skip


@cache
def ways(left: tuple[Node, ...]) -> frozenset[tuple[str, tuple[Node, ...]]]:
    """The next digits and what is left then; no digits where it may end here."""
    if not left:
        return frozenset([("", ())])
    (kind, *parts), rest = left[0], left[1:]
    if kind == "digits":
        return frozenset([(parts[0], rest)])
    if kind == "either":
        return frozenset().union(*(ways(one + rest) for one in parts[0]))
    least, most, inner = parts
    found = ways(rest) if least == 0 else frozenset()
    if most > 0:
        again = ("times", max(least - 1, 0), most - 1, inner)
        found |= ways((*inner, again, *rest))
    return found


@cache
def after(left: State, digit: str) -> State:
    return frozenset(
        rest for one in left for digits, rest in ways(one) if digit in digits
    )


@cache
def has_length(left: State, length: int) -> bool:
    """Whether a pattern stands for some text of this length."""
    if length == 0:
        return any(not digits for one in left for digits, _ in ways(one))
    return any(has_length(after(left, digit), length - 1) for digit in DIGITS)


def texts(left: State, begun: str = "") -> Iterator[str]:
    """Every text that a pattern stands for."""
    if begun and has_length(left, 0):
        yield begun
    for digit in DIGITS if left else ():
        yield from texts(after(left, digit), begun + digit)


if __name__ == "__main__":
    sys.exit(main())

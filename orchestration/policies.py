"""Reference data that people edit: every fault found, with its file and line.

What a list must satisfy stands beside its columns in `seeds/reference/*.yml`, under
`config.meta` (all parts optional):

    required: [column, …]              columns that are never empty
    key: [column, …]                   no two lines are equal in these
    codes: {column: list}              a code of that list in labels.csv
    every_code: {column: list}         the same, and each code has a line: one without a
                                       meaning would drop rows in a join
    refers_to: {column: seed.column}   a value of another list
    among: {column: [value, …]}        one of these
    between: {column: [least, most]}   a number within
    validity: [column, …]              valid_from and valid_to leave neither gap nor
                                       overlap among lines equal in these
    covers: {column: seed.column}      each value there has lines here, from 1900-01-01
                                       to 2999-12-31; as `{of: seed.column, where:
                                       {other: value}}` lines with that value
    complete: {column: [value, …]}     each of these has its line, and nothing else
    belongs_to: {by: [column, …], list: seed}
                                       a line of that list has the same values; with
                                       `if_filled: column` asked only where that is
    has_lines_in: {by: [column, …], lists: [seed, …]}
                                       each line has lines there with the same values
    combines: [{columns: [column, …], among: [[value, …], …]}, …]
                                       `*` stands for whatever is not empty
    filled_if: {column: {other: value}}
                                       filled where the other column says so (or one of
                                       [value, …]), and only there
    asks_for: [column, …]              at least one of these is filled, and not 0: what
                                       asks for nothing fits everybody
    adds_up: {column: weight, of: [column, …], to: 100}
    rising: {of: [column, …], by: rank, columns: [bar, …]}
                                       ranks begin at 1, bars rise with them; with
                                       `from: 0` those of rank 1 are that
    paired: [[column, other], …]       a value of either goes with one of the other
    graded: {of: [column, …], by: {column: [value, …]}, column: bar}
                                       the bar does not fall from one value to the next
    not_above: {column: other}         never above the other column of its line
    needs: {column: {other: code}}     where it is filled, the other holds that code
    placeholders: {column: [name, …]}  texts may hold {name} of these and no other
    decides: {by: rule_order, among: {column: list, …}}
                                       lines are patterns, `all` fits each value; the
                                       first that fits decides: every combination has a
                                       line on each day, and each line decides some;
                                       `list?` stands for the codes of that list in
                                       labels.csv and `none`
    steps: [column, …]                 texts such as `0:0;1000:0.5`: rising values, each
                                       with a share from 0 to 1
    steps_from: {column: least}        the first of them lies at that value or below
    bands: [column, …]                 texts such as `0;365;1095`: rising whole numbers

The types are those that dbt gives the columns. A `;` separates several codes in one
cell where `codes` names the list as `list;`.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise, product
from pathlib import Path

from orchestration.contracts import read_yaml
from orchestration.settings import REFERENCE


class PolicyError(Exception):
    """Reference data that cannot be used; one sentence a fault, with file and line."""


@dataclass
class Listing:
    """One list: its declaration, and its lines as {column: text} by line number."""

    name: str
    types: dict[str, str]
    meta: dict
    lines: dict[int, dict[str, str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def fault(self, line: int, column: str, sentence: str) -> None:
        place = f"{self.name}.csv, line {line}"
        self.faults.append(f"{place}{f', {column}' if column else ''}: {sentence}")

    def groups(self, columns: list[str]) -> dict[tuple, list[int]]:
        """Line numbers by their values in these columns."""
        found = defaultdict(list)
        for number, line in self.lines.items():
            found[tuple(line[column] for column in columns)].append(number)
        return found

    def value(self, number: int, column: str):
        """The typed value of a cell; None if empty or not of its type."""
        text = self.lines[number][column]
        form = kind(self.types[column])
        if not text or not re.fullmatch(FORMS[form], text):
            return None
        try:
            return PARSERS[form](text)
        except ValueError:  # a day that no calendar has
            return None


def check(reference: Path = REFERENCE) -> None:
    """Raise PolicyError with every fault of every list in the folder."""
    found = faults(reference)
    if found:
        raise PolicyError("\n".join(found))


def faults(reference: Path = REFERENCE) -> list[str]:
    """One sentence for each fault of each list."""
    listings = {listing.name: listing for listing in declared(reference)}
    for listing in listings.values():
        read(listing, reference / f"{listing.name}.csv")
    for listing in listings.values():
        check_types(listing)
        for part, wanted in listing.meta.items():
            CHECKS[part](listing, wanted, listings)
    stray = {path.stem for path in reference.glob("*.csv")} - listings.keys()
    return [fault for listing in listings.values() for fault in listing.faults] + [
        f"{name}.csv is declared in no YAML file beside it: declare its columns, or "
        "take it away."
        for name in sorted(stray)
    ]


def declared(reference: Path) -> Iterator[Listing]:
    for path in sorted(reference.glob("*.yml")):
        for seed in read_yaml(path)["seeds"]:
            config = seed["config"]
            yield Listing(seed["name"], config["column_types"], config.get("meta", {}))


def read(listing: Listing, path: Path) -> None:
    """Fill the listing's lines; a fault where the file has another form."""
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        listing.faults.append(f"{path.name} is missing: {path.parent.name} needs it.")
        return
    except UnicodeDecodeError:
        listing.faults.append(f"{path.name} is no UTF-8: save it as CSV UTF-8.")
        return
    rows = csv.reader(text.splitlines(keepends=True))
    header = next(rows, [])
    if sorted(header) != sorted(listing.types):
        listing.fault(
            1,
            "",
            f"the columns are {', '.join(header) or 'none'}; "
            f"write {', '.join(listing.types)}.",
        )
        return
    for row in rows:
        if not row:
            continue
        if len(row) != len(header):
            listing.fault(
                rows.line_num,
                "",
                f"{len(row)} fields where the header has {len(header)}: put a text "
                "with commas between quotes.",
            )
            continue
        cells = (cell.strip() for cell in row)
        listing.lines[rows.line_num] = dict(zip(header, cells, strict=True))


# --- types ---------------------------------------------------------------------------


# Forms are matched first: Python alone takes `1_000`, `NaN` and `20260630`.
FORMS = {
    "string": r"(?s).*",
    "boolean": "true|false",
    "integer": "-?[0-9]+",
    "number": r"-?[0-9]+(\.[0-9]+)?",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
}
PARSERS: dict[str, Callable] = {
    "string": str,
    "boolean": lambda text: text == "true",
    "integer": int,
    "number": Decimal,
    "date": date.fromisoformat,
}
# The largest step: no row may tell more (docs/sources.md, `range`).
MOST = Decimal(10) ** 12
EXPECTED = {
    "boolean": "true or false",
    "integer": "a whole number such as 30",
    "number": "a number such as 0.75",
    "date": "a day such as 2026-06-30",
}


def kind(type_: str) -> str:
    """The kind of text that a dbt column type takes."""
    base = type_.split("(")[0].lower()
    return base if base in ("string", "boolean", "integer", "date") else "number"


def check_types(listing: Listing) -> None:
    for number, line in listing.lines.items():
        for column, type_ in listing.types.items():
            text = line[column]
            if text and listing.value(number, column) is None:
                listing.fault(
                    number,
                    column,
                    f"{text!r} is no value; write {EXPECTED[kind(type_)]}.",
                )


# --- rules ---------------------------------------------------------------------------


def check_required(listing: Listing, columns: list[str], _) -> None:
    for number, line in listing.lines.items():
        for column in columns:
            if not line[column]:
                listing.fault(number, column, "it is empty; fill it.")


def check_key(listing: Listing, columns: list[str], _) -> None:
    for values, numbers in listing.groups(columns).items():
        for number in numbers[1:]:
            listing.fault(
                number,
                ", ".join(columns),
                f"{' '.join(values)!r} stands in line {numbers[0]} already; "
                "keep one of the two.",
            )


def check_codes(listing: Listing, lists: dict[str, str], listings) -> None:
    labels = listings["labels"]
    known = defaultdict(list)
    for line in labels.lines.values():
        known[line["list_code"]].append(line["code"])
    for column, code_list in lists.items():
        name = code_list.removesuffix(";")
        for number, line in listing.lines.items():
            texts = line[column].split(";") if name != code_list else [line[column]]
            for text in filter(None, texts):
                if text not in known[name]:
                    listing.fault(
                        number,
                        column,
                        f"{text!r} is not in the list {name} of labels.csv; write "
                        f"one of {', '.join(known[name])}.",
                    )


def check_every_code(listing: Listing, lists: dict[str, str], listings) -> None:
    check_codes(listing, lists, listings)
    for column, code_list in lists.items():
        here = {line[column] for line in listing.lines.values()}
        listing.faults += [
            f"{listing.name}.csv has no line for {line['code']}, a code of the list "
            f"{code_list} in labels.csv: add one."
            for line in listings["labels"].lines.values()
            if line["list_code"] == code_list and line["code"] not in here
        ]


def check_references(listing: Listing, targets: dict[str, str], listings) -> None:
    for column, target in targets.items():
        seed, target_column = target.split(".")
        known = {line[target_column] for line in listings[seed].lines.values()}
        for number, line in listing.lines.items():
            if line[column] and line[column] not in known:
                listing.fault(
                    number,
                    column,
                    f"{line[column]!r} is not in {seed}.csv; write one of "
                    f"{', '.join(sorted(known))}, or add it there.",
                )


def check_among(listing: Listing, values: dict[str, list], _) -> None:
    for column, allowed in values.items():
        texts = [str(value) for value in allowed]
        for number, line in listing.lines.items():
            if line[column] and line[column] not in texts:
                listing.fault(
                    number,
                    column,
                    f"{line[column]!r} is unknown; write one of {', '.join(texts)}.",
                )


def check_between(listing: Listing, bounds: dict[str, list], _) -> None:
    for column, (least, most) in bounds.items():
        for number in listing.lines:
            value = listing.value(number, column)
            if value is not None and not least <= value <= most:
                listing.fault(
                    number, column, f"{value} is not between {least} and {most}."
                )


def check_validity(listing: Listing, columns: list[str], _) -> None:
    for numbers in listing.groups(columns).values():
        spans = []
        for number in numbers:
            first = listing.value(number, "valid_from")
            last = listing.value(number, "valid_to")
            if first is None or last is None:
                listing.fault(
                    number,
                    "valid_from, valid_to",
                    "both days are needed; 2999-12-31 stands for no end.",
                )
            elif last < first:
                listing.fault(
                    number, "valid_to", f"{last} lies before valid_from {first}."
                )
            else:
                spans.append((first, last, number))
        spans.sort()
        for (_, ended, before), (begins, _, number) in pairwise(spans):
            wanted = ended + timedelta(days=1)
            if begins != wanted:
                word = "overlaps" if begins < wanted else "leaves a gap to"
                listing.fault(
                    number,
                    "valid_from",
                    f"{begins} {word} line {before}, which ends on {ended}; write "
                    f"{wanted}, or end line {before} on {begins - timedelta(days=1)}.",
                )


def check_coverage(listing: Listing, targets: dict[str, str], listings) -> None:
    for column, target in targets.items():
        where = {}
        if isinstance(target, dict):
            target, where = target["of"], target["where"]
        seed, target_column = target.split(".")
        lines = listing.groups([column, *where])
        condition = "".join(f" and {other} {value}" for other, value in where.items())
        named = [line[target_column] for line in listings[seed].lines.values()]
        for value in dict.fromkeys(named):
            numbers = lines.get((value, *where.values()), [])
            if not numbers:
                listing.faults.append(
                    f"{listing.name}.csv has no line for {value}{condition}, which "
                    f"{seed}.csv names: add one."
                )
                continue
            first = min(numbers, key=lambda n: listing.lines[n]["valid_from"])
            last = max(numbers, key=lambda n: listing.lines[n]["valid_to"])
            for number, end, wanted in (
                (first, "valid_from", "1900-01-01"),
                (last, "valid_to", "2999-12-31"),
            ):
                if listing.lines[number][end] != wanted:
                    listing.fault(
                        number,
                        end,
                        f"the days of {value} do not reach {wanted}; write that.",
                    )


def check_complete(listing: Listing, wanted: dict[str, list], listings) -> None:
    check_among(listing, wanted, listings)
    for column, values in wanted.items():
        here = {line[column] for line in listing.lines.values()}
        listing.faults += [
            f"{listing.name}.csv has no line whose {column} is {value}: add it."
            for value in values
            if value not in here
        ]


def check_belonging(listing: Listing, wanted: dict, listings) -> None:
    known = listings[wanted["list"]].groups(wanted["by"])
    asked = wanted.get("if_filled")
    for values, numbers in listing.groups(wanted["by"]).items():
        for number in numbers if values not in known else []:
            if asked and not listing.lines[number][asked]:
                continue
            listing.fault(
                number,
                ", ".join(wanted["by"]),
                f"{' '.join(values)!r} is not in {wanted['list']}.csv; add it there, "
                f"or {f'leave {asked} empty' if asked else 'take this line away'}.",
            )


def check_parts(listing: Listing, wanted: dict, listings) -> None:
    for values, numbers in listing.groups(wanted["by"]).items():
        for name in wanted["lists"]:
            if values not in listings[name].groups(wanted["by"]):
                listing.fault(
                    numbers[0],
                    "",
                    f"{' '.join(values)!r} has no lines in {name}.csv; add them.",
                )


def check_combinations(listing: Listing, rules: list[dict], _) -> None:
    for rule in rules:
        allowed = [tuple(map(str, values)) for values in rule["among"]]
        for values, numbers in listing.groups(rule["columns"]).items():
            if not any(fits(values, choice) for choice in allowed):
                choices = ", ".join(
                    " ".join(value or "(empty)" for value in choice)
                    for choice in allowed
                )
                for number in numbers:
                    listing.fault(
                        number,
                        ", ".join(rule["columns"]),
                        f"{' '.join(value or '(empty)' for value in values)} do not go "
                        f"together; write one of {choices}.",
                    )


def fits(values: tuple[str, ...], choice: tuple[str, ...]) -> bool:
    return all(
        bool(value) if wanted == "*" else value == wanted
        for value, wanted in zip(values, choice, strict=True)
    )


def check_filled_if(listing: Listing, rules: dict[str, dict], _) -> None:
    for column, condition in rules.items():
        ((other, value),) = condition.items()
        values = [str(v) for v in (value if isinstance(value, list) else [value])]
        for number, line in listing.lines.items():
            if (line[other] in values) != bool(line[column]):
                listing.fault(
                    number,
                    column,
                    f"it is filled where {other} is {' or '.join(values)}, and only "
                    "there.",
                )


def check_asked(listing: Listing, columns: list[str], _) -> None:
    for number in listing.lines:
        if not any(listing.value(number, column) for column in columns):
            listing.fault(
                number,
                ", ".join(columns),
                "none of them asks for anything, so the line fits everybody; fill one.",
            )


def check_sums(listing: Listing, wanted: dict, _) -> None:
    for values, numbers in listing.groups(wanted["of"]).items():
        total = sum(
            listing.value(number, wanted["column"]) or Decimal(0) for number in numbers
        )
        if total != wanted["to"]:
            lines = ", ".join(str(number) for number in numbers)
            listing.fault(
                numbers[-1],
                wanted["column"],
                f"the lines of {' '.join(values)} (lines {lines}) add up to {total}, "
                f"not to {wanted['to']}.",
            )


def check_rising(listing: Listing, wanted: dict, _) -> None:
    """Ranks begin at 1, and each bar lies above that of the rank below."""
    for values, numbers in listing.groups(wanted["of"]).items():
        ranked = sorted(numbers, key=lambda n: listing.value(n, wanted["by"]) or 0)
        if listing.value(ranked[0], wanted["by"]) != 1:
            listing.fault(
                ranked[0],
                wanted["by"],
                f"the lowest rank of {' '.join(values)} must be 1.",
            )
        for column in wanted["columns"]:
            bar = listing.value(ranked[0], column)
            if "from" in wanted and bar is not None and bar != wanted["from"]:
                listing.fault(
                    ranked[0],
                    column,
                    f"the lowest level of {' '.join(values)} begins at "
                    f"{wanted['from']}, not at {bar}: nobody is below it.",
                )
        for below, above in pairwise(ranked):
            for column in wanted["columns"]:
                low, high = listing.value(below, column), listing.value(above, column)
                if low is not None and high is not None and high <= low:
                    listing.fault(
                        above,
                        column,
                        f"{high} is not above the {low} of the level below "
                        f"(line {below}).",
                    )


def check_paired(listing: Listing, pairs: list[list[str]], _) -> None:
    """Each value of one column goes with one of the other, in all lines."""
    for left, right in pairs:
        for column, other in ((left, right), (right, left)):
            first: dict[str, int] = {}
            for number, line in listing.lines.items():
                at = first.setdefault(line[column], number)
                if line[other] != listing.lines[at][other]:
                    listing.fault(
                        number,
                        other,
                        f"{line[other]} stands beside {column} {line[column]}, and "
                        f"{listing.lines[at][other]} on line {at}: the two go "
                        "together in all lines, so change one of them.",
                    )


def check_graded(listing: Listing, wanted: dict, _) -> None:
    ((grade, values),) = wanted["by"].items()
    column = wanted["column"]
    for numbers in listing.groups(wanted["of"]).values():
        graded = sorted(
            (n for n in numbers if listing.lines[n][grade] in values),
            key=lambda n: values.index(listing.lines[n][grade]),
        )
        for below, above in pairwise(graded):
            low, high = listing.value(below, column), listing.value(above, column)
            if low is not None and high is not None and high < low:
                listing.fault(
                    above,
                    column,
                    f"{high} of {listing.lines[above][grade]} is below the {low} of "
                    f"{listing.lines[below][grade]} (line {below}).",
                )


def check_not_above(listing: Listing, pairs: dict[str, str], _) -> None:
    for column, other in pairs.items():
        for number in listing.lines:
            value, limit = listing.value(number, column), listing.value(number, other)
            if value is not None and limit is not None and value > limit:
                listing.fault(number, column, f"{value} is above {other}, {limit}.")


def check_needs(listing: Listing, rules: dict[str, dict], _) -> None:
    for column, needed in rules.items():
        ((other, code),) = needed.items()
        for number, line in listing.lines.items():
            if line[column] and code not in line[other].split(";"):
                listing.fault(
                    number,
                    other,
                    f"{code} is missing, which {column} needs; add it, or leave "
                    f"{column} empty.",
                )


def check_placeholders(listing: Listing, allowed: dict[str, list], _) -> None:
    for column, names in allowed.items():
        for number, line in listing.lines.items():
            for name in re.findall(r"\{(.*?)\}", line[column]):
                if name not in names:
                    listing.fault(
                        number,
                        column,
                        f"{{{name}}} is filled by nothing; write one of "
                        f"{', '.join(f'{{{known}}}' for known in names)}.",
                    )
            if re.search("[{}]", re.sub(r"\{.*?\}", "", line[column])):
                listing.fault(
                    number,
                    column,
                    "it has an unmatched brace; write both, or none.",
                )


def check_steps(listing: Listing, columns: list[str], _) -> None:
    for column in columns:
        for number, line in listing.lines.items():
            if not line[column]:
                continue
            try:
                steps = [
                    tuple(Decimal(part) for part in step.split(":"))
                    for step in line[column].split(";")
                ]
                values, shares = zip(*steps, strict=True)
                is_good = (
                    all(len(step) == 2 for step in steps)
                    and list(values) == sorted(set(values))
                    and all(0 <= share <= 1 for share in shares)
                    and all(abs(value) <= MOST for value in values)
                )
            except (InvalidOperation, ValueError):
                is_good = False
            if not is_good:
                listing.fault(
                    number,
                    column,
                    f"{line[column]!r} is no list of steps; write rising values of at "
                    f"most {MOST:,} with shares from 0 to 1, such as "
                    "0:0;1000:0.5;5000:1.",
                )


def check_decides(listing: Listing, wanted: dict, listings) -> None:
    """On no day is a combination without a line; and no line is there for nothing."""
    values = {
        column: [
            *(["none"] if code_list.endswith("?") else []),
            *(
                line["code"]
                for line in listings["labels"].lines.values()
                if line["list_code"] == code_list.removesuffix("?")
            ),
        ]
        for column, code_list in wanted["among"].items()
    }
    patterns = {column: ["all", *known] for column, known in values.items()}
    check_among(listing, patterns, listings)
    spans = {
        number: (listing.value(number, "valid_from"), listing.value(number, "valid_to"))
        for number in listing.lines
        if listing.value(number, wanted["by"]) is not None
        and all(listing.lines[number][column] in patterns[column] for column in values)
    }
    spans = {number: span for number, span in spans.items() if all(span)}
    if len(spans) < len(listing.lines):  # told already; what follows would mislead
        return
    ordered = sorted(spans, key=lambda number: listing.value(number, wanted["by"]))
    deciding = set()
    last_day = max((last for _, last in spans.values()), default=None)
    changes = {first for first, _ in spans.values()} | {
        last + timedelta(days=1) for _, last in spans.values() if last != last_day
    }
    for day in sorted(changes):
        lines = [n for n in ordered if spans[n][0] <= day <= spans[n][1]]
        undecided = set(product(*values.values()))
        for number in lines:
            line = listing.lines[number]
            fitting = {
                combination
                for combination in undecided
                if all(
                    line[column] in ("all", value)
                    for column, value in zip(values, combination, strict=True)
                )
            }
            undecided -= fitting
            if fitting:
                deciding.add(number)
        if undecided:
            named = ", ".join(
                f"{column} {value}"
                for column, value in zip(values, min(undecided), strict=True)
            )
            listing.faults.append(
                f"{listing.name}.csv has no line on {day} for {named} (combinations "
                f"without one: {len(undecided)}); add one, the last with all for the "
                "rest."
            )
    for number in ordered:
        if number not in deciding:
            listing.fault(
                number,
                wanted["by"],
                "it never decides, because earlier lines fit all that it fits; take "
                "it away, or write it before them.",
            )


def check_bands(listing: Listing, columns: list[str], _) -> None:
    for column in columns:
        for number, line in listing.lines.items():
            texts = line[column].split(";")
            numbers = [int(t) for t in texts if re.fullmatch(FORMS["integer"], t)]
            rises = all(low < high for low, high in pairwise(numbers))
            if line[column] and not (len(numbers) == len(texts) and rises):
                listing.fault(
                    number,
                    column,
                    f"{line[column]!r} is no list of bands; write rising whole numbers "
                    "at which each begins, such as 0;365;1095.",
                )


def check_steps_from(listing: Listing, bounds: dict[str, int], _) -> None:
    """Nobody is below the first step: what is given to whom is said for all."""
    for column, least in bounds.items():
        for number, line in listing.lines.items():
            first = line[column].split(":")[0]
            if re.fullmatch(FORMS["number"], first) and Decimal(first) > least:
                listing.fault(
                    number,
                    column,
                    f"the first step begins at {first}, so whoever has less gets "
                    f"nothing; begin at {least}, as {least}:0 if that is meant.",
                )


CHECKS = {
    "required": check_required,
    "key": check_key,
    "codes": check_codes,
    "every_code": check_every_code,
    "refers_to": check_references,
    "among": check_among,
    "between": check_between,
    "validity": check_validity,
    "covers": check_coverage,
    "complete": check_complete,
    "belongs_to": check_belonging,
    "has_lines_in": check_parts,
    "combines": check_combinations,
    "filled_if": check_filled_if,
    "asks_for": check_asked,
    "adds_up": check_sums,
    "rising": check_rising,
    "paired": check_paired,
    "graded": check_graded,
    "not_above": check_not_above,
    "needs": check_needs,
    "placeholders": check_placeholders,
    "decides": check_decides,
    "steps": check_steps,
    "bands": check_bands,
    "steps_from": check_steps_from,
}

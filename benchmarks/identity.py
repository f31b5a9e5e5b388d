"""python -m benchmarks.identity: how far merges can be trusted, as docs/identity.md."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import known, pairs
from benchmarks.known import Known
from benchmarks.report import table
from orchestration import linking
from orchestration.formats import literal
from orchestration.settings import PROJECT, Settings

PAGE = PROJECT / "docs" / "identity.md"
CUSTOMERS = 20_000

# What a rule with exact values cannot know: counted by kind, not under *exact keys*.
NOT_EXACT = ("near_typing_error", "changed_surname", "unbridged")
EXACT = (
    "(select * from judged where kind not in "
    f"({', '.join(literal(kind) for kind in NOT_EXACT)}))"
)

KINDS = {
    "same_email_name": "e-mail and name",
    "same_phone_name": "phone and name",
    "same_card": "the loyalty card",
    "same_union_id": "the WeChat union id",
    "chain": "e-mail and name, under another phone",
    "chain_end": "that other phone and the name: tied by `chain` alone",
    "near_form": "the same written otherwise: capitals, `+shop`, full-width figures",
    "near_typing_error": "three near values: name, mail domain, phone each off by one",
    "changed_surname": "e-mail and given name, under another surname",
    "unbridged": "nothing: an account of the shop that the CRM does not name",
    "typing_swapped": "all but two swapped letters or digits in one field",
    "typing_missing_letter": "all but a letter or digit left out of one field",
    "typing_doubled_letter": "all but a letter or digit doubled in one field",
    "typing_wrong_digit": "all but a wrong digit in phone or birthday",
    "typing_homophone": "all but a character of the name that sounds alike (同音字)",
    "typing_lookalike": "all but a character of the name that looks alike (形近字)",
    "typing_missing_field": "name, and e-mail or phone: the other is empty",
    "typing_two_fields": "one of name, e-mail and phone: the other two are wrong",
}
TRAPS = {
    "shop_phone": "a shop's own phone on many records",
    "placeholder_email": "an e-mail that stands for none, on many records",
    "family_phone": "one phone and surname, two given names",
    "reused_email": "an address that was somebody else's before",
    "same_name": "the name of somebody else, nothing more",
    "born_twins": "phone, birthday and surname of a sibling",
    "": "in no trap",
}
HEADINGS = {
    "ordinary": "a company as the generator makes it",
    "typing": "a company whose people are typed in again by hand",
}


@dataclass(frozen=True)
class Measured:
    """What was found of one data set, by one way of resolving it."""

    records: int
    missing: int
    scores: dict[str, pairs.Score]  # by the row of the overview that it fills
    kinds: list[pairs.Kind]
    traps: list[pairs.Trap]
    labelled: tuple[int, int, int, int] | None


@dataclass(frozen=True)
class Outcome:
    """A data set, by rules alone and with links; or why it could not be measured."""

    known: Known
    rules: Measured | None
    links: Measured | None
    reason: str = ""


# --- measuring -----------------------------------------------------------------------


def measured(
    connection: duckdb.DuckDBPyConnection, known_set: Known, folder: Path
) -> Measured:
    """The measures of what is built, in a connection that has it as `warehouse`."""
    known.judge(connection, known_set, folder)
    records, missing = connection.execute(
        "select count(*), count(*) filter (not is_there) from judged"
    ).fetchone()
    scores = {known_set.title: pairs.score(connection, "judged")}
    if known_set.name == "ordinary":
        exact = pairs.score(connection, EXACT)
        scores = {f"{known_set.title}, exact keys": exact} | scores
    return Measured(
        records,
        missing,
        scores,
        pairs.kinds(connection, "judged"),
        pairs.traps(connection, "judged"),
        pairs.labelled(connection, "labels") if known_set.labels else None,
    )


def read(settings: Settings, known_set: Known) -> Measured:
    with duckdb.connect() as connection:
        file = literal(str(settings.warehouse))
        connection.execute(f"attach {file} as warehouse (read_only)")
        return measured(connection, known_set, settings.data_dir.parent)


def outcome(known_set: Known, has_links: bool, say: Callable[[str], None]) -> Outcome:
    """Make, land, resolve and measure one data set in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="tierkeeper-") as name:
        folder = Path(name) / "company"
        folder.mkdir()
        say(f"{known_set.title}: making …")
        try:
            known_set.make(folder)
        except known.Unavailable as reason:
            return Outcome(known_set, None, None, str(reason))
        settings = known.installation(folder)
        say(f"{known_set.title}: resolving by rules …")
        known.resolve(settings)
        by_rules = read(settings, known_set)
        if not has_links:
            return Outcome(known_set, by_rules, None)
        say(f"{known_set.title}: fitting, and resolving with links a day later …")
        try:
            known.resolve_with_links(settings)
        except known.Unavailable as reason:
            return Outcome(known_set, by_rules, None, str(reason))
        return Outcome(known_set, by_rules, read(settings, known_set))


def data_sets(customers: int) -> list[Known]:
    return [
        known.generated("ordinary", "Ordinary company", customers),
        known.generated("typing", "Company of typing errors", customers),
        known.FAKE_1000,
        known.FEBRL,
    ]


# --- telling -------------------------------------------------------------------------

LINKS = "rules and Splink"


def figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def percent(part: int, whole: int) -> str:
    """Rounded down at the upper end: 100 % is all of them."""
    if not whole:
        return "–"
    if part == whole:
        return "100 %"
    return f"{min(part / whole, 0.999):.1%}".replace("%", " %")


def ways(outcome: Outcome) -> list[tuple[str, Measured | None]]:
    return [("rules", outcome.rules), (LINKS, outcome.links)]


def overview(outcomes: list[Outcome]) -> str:
    head = ["data", "resolved by", "records", "true pairs", "found pairs"]
    head += ["precision", "recall", "F1", "B³ precision", "B³ recall", "B³ F1"]
    rows = [head]
    for one in outcomes:
        if one.rules is None:
            rows.append([one.known.title, *["–"] * (len(head) - 1)])
            continue
        for title in one.rules.scores:
            for way, found in ways(one):
                if found is None:
                    rows.append([title, way, *["–"] * (len(head) - 2)])
                    continue
                score = found.scores[title]
                counts = (score.records, score.true_pairs, score.found_pairs)
                rates = (score.precision, score.recall, score.f1)
                rates += (score.b3_precision, score.b3_recall, score.b3_f1)
                rows.append(
                    [title, way, *(f"{n:,}" for n in counts), *map(figure, rates)]
                )
    return table(rows, is_markdown=True)


def by_kind(one: Outcome) -> str:
    """The recall of each kind of second record."""
    rows = [["kind", "what it shares with the first", "pairs", "rules", LINKS]]
    with_links = {kind.kind: kind for kind in one.links.kinds} if one.links else {}
    for kind in one.rules.kinds:
        if kind.kind == "main":
            continue
        other = with_links.get(kind.kind)
        rows.append(
            [
                f"`{kind.kind}`",
                KINDS[kind.kind],
                f"{kind.other_pairs:,}",
                percent(kind.other_right_pairs, kind.other_pairs),
                percent(other.other_right_pairs, other.other_pairs) if other else "–",
            ]
        )
    return table(rows, is_markdown=True)


def by_trap(one: Outcome) -> str:
    """The false merges of each trap."""
    rows = [["trap", "what is alike", "customers", "merged by rules", "false pairs"]]
    rows[0] += ["merged with Splink", "false pairs with Splink"]
    with_links = {trap.trap: trap for trap in one.links.traps} if one.links else {}
    for trap in sorted(one.rules.traps, key=lambda trap: (not trap.trap, trap.trap)):
        other = with_links.get(trap.trap)
        rows.append(
            [
                f"`{trap.trap}`" if trap.trap else "none",
                TRAPS[trap.trap],
                *(f"{n:,}" for n in (trap.entities, trap.merged, trap.false_pairs)),
                f"{other.merged:,}" if other else "–",
                f"{other.false_pairs:,}" if other else "–",
            ]
        )
    return table(rows, is_markdown=True)


def by_label(one: Outcome) -> str:
    """What hands had labelled, pair by pair."""
    rows = [["resolved by", "labelled pairs", "of one person", "found", "right"]]
    rows[0] += ["precision", "recall"]
    for way, found in ways(one):
        if found is None:
            rows.append([way, *["–"] * 6])
            continue
        looked_at, same, merged, right = found.labelled
        rates = (pairs.share(right, merged), pairs.share(right, same))
        rows.append(
            [
                way,
                *(f"{n:,}" for n in (looked_at, same, merged, right)),
                *map(figure, rates),
            ]
        )
    return table(rows, is_markdown=True)


def recall_of_typed(found: Measured) -> float | None:
    """The recall of the pairs of mistyped second records with their person's others."""
    typed = [kind for kind in found.kinds if "typing" in kind.kind]
    return pairs.share(
        sum(kind.other_right_pairs for kind in typed),
        sum(kind.other_pairs for kind in typed),
    )


def verdict(one: Outcome, way: str, found: Measured) -> str:
    """What a reader may conclude of one company, in two sentences."""
    score = found.scores[one.known.title]
    wrong = score.found_pairs - score.right_pairs
    merged = sum(trap.merged for trap in found.traps)
    people = sum(trap.entities for trap in found.traps)
    second = [kind for kind in found.kinds if kind.kind not in ("main", "unbridged")]
    there = sum(kind.other_pairs for kind in second)
    tied = sum(kind.other_right_pairs for kind in second)
    alone = (
        "None of its customers was given a record of somebody else's."
        if not merged
        else f"{merged:,} of {people:,} customers share a customer with somebody "
        f"else's record ({wrong:,} false pairs of {score.found_pairs:,})."
    )
    return (
        f"**{one.known.title}, {way}.** {alone} Of the pairs of a second record with "
        f"its person's other ones {percent(tied, there)} are found: the rest stand as "
        "customers of their own."
    )


def told(outcomes: list[Outcome], why_no_links: str, customers: int) -> str:
    """The whole page."""
    companies = [one for one in outcomes if one.known.name in HEADINGS and one.rules]
    verdicts = [
        verdict(one, way, found)
        for one in companies
        for way, found in ways(one)
        if found is not None
    ]
    notes = [f"{one.known.title}: {one.reason}." for one in outcomes if one.reason]
    if why_no_links:
        notes.append(f"{LINKS[0].upper()}{LINKS[1:]}: not measured, {why_no_links}.")
    sections = [
        f"### {one.known.title}: {HEADINGS[one.known.name]}\n\n"
        f"{by_kind(one)}\n\n{by_trap(one)}"
        for one in companies
    ]
    labels = [
        f"{one.known.title}, by its labels:\n\n{by_label(one)}"
        for one in outcomes
        if one.rules and one.rules.labelled
    ]
    missing = [
        f"{one.known.title}: {one.rules.missing:,} of {one.rules.records:,} records "
        "are in quarantine and count as customers of their own."
        for one in outcomes
        if one.rules and one.rules.missing
    ]
    return TEMPLATE.format(
        customers=f"{customers:,}",
        seed=known.SEED,
        overview=overview(outcomes),
        notes="".join(f"\n{note}\n" for note in notes),
        verdicts="\n\n".join(verdicts),
        sections="\n\n".join(sections),
        labels="\n\n".join([*missing, *labels]),
    )


TEMPLATE = """\
# How far merges can be trusted

Generated by `make identity` (`python -m benchmarks.identity`); edit
`benchmarks/identity.py`, not this page. The figures hold on every machine: models,
sample companies ({customers} customers each, seed {seed}) and measures draw nothing by
chance.

Two mistakes are possible. A **false merge** shows one customer what another bought, and
counts two as one: precision. A record **left alone** splits a customer's history, so
that a loyal one looks like two who buy little: recall. A false merge is the worse one.

{overview}
{notes}
{verdicts}

## How to read it

- A *pair* is two records. **Precision** is the share of the found pairs that are of one
  person, **recall** the share of the pairs of one person that were found, **F1** their
  harmonic mean. One shop's phone on a hundred records that were merged would be 4,950
  false pairs: large groups weigh by their square.
- **B³** (Bagga & Baldwin 1998) weighs each record alike: how much of its customer is
  its own person, and how much of its person is in its customer, on average. A record
  that stands alone rightly counts here, and in no pair.
- *Exact keys* leaves out the records that no exact value ties to their person
  (`near_typing_error`, `changed_surname`, `unbridged`); the tables by kind have them.
- Measured is `restricted.int_records__resolved`, as the models build it, and nothing
  else. An account of the shop without an order is in no export, and so not counted.

## Companies whose truth is planted

The recall of a kind is that of the pairs of its records with the person's others. A
customer is *merged* if a record of another person's is theirs too; a false pair from
two traps counts under each.

{sections}

## Foreign data

None of it was made for this warehouse, so each column goes where it honestly belongs,
or nowhere. It has neither cards nor accounts nor phones.

- **fake_1000** (Splink, MIT; 1,000 records of 251 invented persons, errors in every
  field): first name and surname become the name, `dob` the birthday, `city` and `email`
  what they are. Truth is the column `cluster`.
- **Febrl data set 1** (ANU; 500 invented persons and a second record of each): given
  name and surname become the name, with the blanks they have; `date_of_birth` the
  birthday (eight figures written as a day), `suburb` the city, `state` the region.
  Truth is the number in `rec_id`. Left out are `soc_sec_id`, which is no loyalty card
  and would settle most of it, and street and postcode, for which no feed has a column.
  A birthday that no calendar has puts its row into quarantine, as it would any
  customer's. What is left to rules is a name and a birthday, on which alone nobody
  should be merged.

{labels}

## Measure it again

```sh
make identity                # rules
make identity LINKS=yes      # also with Splink: build, fit, build again a day later
```

`--customers` sets the size of the companies. With links the same company is resolved
once more as of the next day, when the links that were fitted are in force.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity")
    parser.add_argument("--links", action="store_true", help="also with Splink")
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--page", type=Path, default=PAGE, help=f"default {PAGE.name}")
    arguments = parser.parse_args()
    why_no_links = "" if arguments.links else "`--links` was not asked for"
    if arguments.links and (said := linking.missing()):
        sys.exit(said)
    try:
        outcomes = [
            outcome(known_set, not why_no_links, lambda line: print(line, flush=True))
            for known_set in data_sets(arguments.customers)
        ]
    except RuntimeError as error:
        sys.exit(str(error))
    page = told(outcomes, why_no_links, arguments.customers)
    arguments.page.write_text(page, "utf-8")
    print(f"\n{overview(outcomes)}\n\n{arguments.page}")


if __name__ == "__main__":
    main()

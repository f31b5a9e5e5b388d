"""Who is who: the models' own SQL against the rules in plain words, on small worlds.

A world is what a few records were told, on which days, and what people said of them.
Its rows are put into raw in place of a company's, and only the models of identity are
built. The oracle reads the same rows and the lists of rules, and shares no line of SQL.
"""

import csv
import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations, product

import companies
import pytest
from companies import Builder, Warehouse, upstream
from graphs import Graph, Weighted, components, cut
from hypothesis import given
from hypothesis import settings as proofs
from hypothesis import strategies as st

from benchmarks import bare
from orchestration.settings import PROJECT

pytestmark = pytest.mark.long  # hundreds of small worlds

RESOLVED = "int_records__resolved"
CONNECTED = "int_records__connected"
CHANGED = "int_customer_keys__changed"
# The models that grow or do not depend on what a world tells are built once.
FATES = "int_rows__fates"
TABLES = (
    "crm_customers",
    "crm_contacts",
    "crm_identity_decisions",
    "shop_orders",
    "survey_responses",
)
LISTS = ("identity_attributes", "identity_rules")
BEGINNING = date(2026, 1, 1)
EXPORTED = datetime(2027, 12, 31)
SECRET = "the key of guests"
# Younger than whatever a small world tells from its first day on, and seen by then.
LATER, AFTER = 450, 720
WORLDS = 3 * proofs().max_examples

Record = tuple[str, str]  # (namespace, record_id)
Rows = dict[str, list[dict]]


# --- worlds ---------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """Raw rows by table as of a day; days count from the beginning of 2026.

    `most_records` is how many may share an e-mail or a phone, `ended` a rule with its
    last day.
    """

    rows: tuple[tuple[str, dict], ...]
    day: int = 300
    most_records: int = 20
    ended: tuple[str, int] | None = None

    def of(self, table: str) -> list[dict]:
        return [row for name, row in self.rows if name == table]

    def and_(self, *rows: tuple[str, dict], **changes: object) -> "World":
        return replace(self, rows=self.rows + rows, **changes)


def on(day: int) -> str:
    """Noon of a day, in the business time zone as in most other ones."""
    return f"{BEGINNING + timedelta(days=day)} 12:00:00"


def day_of(text: str) -> int:
    return (datetime.fromisoformat(text).date() - BEGINNING).days


def customer(record_id: str, name: str | None, created: int, **told) -> tuple:
    """A version of a CRM record, told on the day `updated`, else when it was opened."""
    updated = told.pop("updated", created)
    row = {
        "source_customer_id": record_id,
        "customer_name": name,
        "customer_type": told.pop("type", "person"),
        "created_at": on(created),
        "updated_at": on(updated),
        **told,
    }
    return "crm_customers", row


def contact(contact_id: str, record_id: str, **told: str) -> tuple:
    row = {"contact_id": contact_id, "source_customer_id": record_id, **told}
    return "crm_contacts", row | {"updated_at": on(0)}


def order(order_id: str, day: int, account: str | None = None, **contacts) -> tuple:
    row = {
        "order_id": order_id,
        "source_customer_id": account,
        "ordered_at": on(day),
        "currency": "CNY",
        "gross_amount": "100.00",
        **{f"contact_{kind}": value for kind, value in contacts.items()},
    }
    return "shop_orders", row


def answer(response_id: str, day: int, email: str) -> tuple:
    row = {
        "response_id": response_id,
        "question_code": "Q1",
        "email": email,
        "survey_type": "csat",
        "score": "5",
        "responded_at": on(day),
    }
    return "survey_responses", row


def word(decision_id: str, verdict: str, day: int, one: Record, other: Record) -> tuple:
    row = {
        "decision_id": decision_id,
        "namespace": one[0],
        "record_id": one[1],
        "other_namespace": other[0],
        "other_record_id": other[1],
        "verdict": verdict,
        "decided_by": "E01",
        "decided_at": on(day),
        "reason": "asked",
    }
    return "crm_identity_decisions", row


def crm(record_id: str) -> Record:
    return "crm", record_id


def shop(record_id: str) -> Record:
    return "shop", record_id


def guest(contact: str) -> Record:
    """Whoever tells no number is the keyed hash of the contact that they leave."""
    inner = hashlib.sha256((SECRET + contact).encode()).hexdigest()
    return "guest", hashlib.sha256((SECRET + inner).encode()).hexdigest()


def key(record: Record) -> str:
    return hashlib.md5("\x1f".join(record).encode()).hexdigest()


# --- the oracle -----------------------------------------------------------------------


def reference(name: str) -> list[dict]:
    with (PROJECT / "seeds" / "reference" / f"{name}.csv").open() as lines:
        return list(csv.DictReader(lines))


RULES = reference("identity_rules")
ATTRIBUTES = {row["attribute"]: row for row in reference("identity_attributes")}
TOLD_BY_CRM = {
    "name": "customer_name",
    "customer_type": "customer_type",
    **{name: name for name in ("email", "phone", "wechat_union_id")},
    **{name: name for name in ("loyalty_card_no", "id_in_shop", "birth_date")},
}


class Oracle:
    """Who is who in a world, from the words of the two lists and of their models."""

    def __init__(self, world: World) -> None:
        self.day = world.day
        self.most = world.most_records
        self.over = world.ended[0] if world.ended else None
        self.first_seen: dict[Record, int] = {}
        # {record: {attribute: {value: whether it is told today}}}
        self.values = defaultdict(lambda: defaultdict(dict))
        self.listen(world)
        self.words = self.newest_words(world)
        self.holders = defaultdict(set)
        for record, attributes in self.values.items():
            for attribute, values in attributes.items():
                for value in values:
                    self.holders[attribute, value].add(record)
        self.live, self.once = self.links()
        self.keys = self.resolve()

    # What is known of a record.

    def listen(self, world: World) -> None:
        versions = defaultdict(list)
        for row in world.of("crm_customers"):
            if day_of(row["created_at"]) <= self.day:
                versions[crm(row["source_customer_id"])].append(row)
        for record, rows in versions.items():
            rows.sort(key=lambda row: row["updated_at"])
            known = [row for row in rows if day_of(row["updated_at"]) <= self.day]
            for row in known:
                self.tell_all(record, row, is_current=False)
            today = (known or rows[:1])[-1]
            self.tell_all(record, today, is_current=True)
            self.first_seen[record] = day_of(rows[0]["created_at"])
        for row in world.of("crm_contacts"):
            record = crm(row["source_customer_id"])
            if self.values[record]["customer_type"].get("company"):
                self.tell(record, "email", row.get("email"))
                self.tell(record, "phone", row.get("phone"))
        for row in world.of("shop_orders"):
            account, email = row["source_customer_id"], row.get("contact_email")
            contact = email or row.get("contact_phone")
            if (account or contact) and day_of(row["ordered_at"]) <= self.day:
                record = shop(account) if account else guest(contact)
                self.happened(record, row["ordered_at"])
                self.tell(record, "id_in_shop", account)
                self.tell(record, "email", email)
                self.tell(record, "phone", row.get("contact_phone"))
        for row in world.of("survey_responses"):
            if day_of(row["responded_at"]) <= self.day:
                self.happened(guest(row["email"]), row["responded_at"])
                self.tell(guest(row["email"]), "email", row["email"])
        for record in [*self.values]:
            if record not in self.first_seen:
                del self.values[record]

    def tell_all(self, record: Record, row: dict, *, is_current: bool) -> None:
        for attribute, column in TOLD_BY_CRM.items():
            self.tell(record, attribute, row.get(column), is_current)

    def tell(self, record, attribute, value, is_current: bool = True) -> None:
        if value is not None:
            values = self.values[record][attribute]
            values[value] = values.get(value, False) or is_current

    def happened(self, record: Record, at: str) -> None:
        self.first_seen[record] = min(
            self.first_seen.get(record, day_of(at)), day_of(at)
        )

    def newest_words(self, world: World) -> dict[frozenset, list[str]]:
        """Every word on two records, the oldest first."""
        said = defaultdict(list)
        for row in sorted(
            world.of("crm_identity_decisions"),
            key=lambda row: (row["decided_at"], row["decision_id"]),
        ):
            pair = frozenset(
                [
                    (row["namespace"], row["record_id"]),
                    (row["other_namespace"], row["other_record_id"]),
                ]
            )
            is_known = len(pair) == 2 and all(one in self.first_seen for one in pair)
            if is_known and day_of(row["decided_at"]) <= self.day:
                said[pair].append(row["verdict"])
        return said

    # What speaks for two records being one.

    def shared(self, one: Record, other: Record, attribute: str) -> set[str]:
        """Values that both have, but for those that everybody has."""
        both = {*self.values[one][attribute]} & {*self.values[other][attribute]}
        most = ATTRIBUTES[attribute]["most_records"]
        if attribute in ("email", "phone"):
            most = self.most
        return {
            value
            for value in both
            if not most or len(self.holders[attribute, value]) <= int(most)
        }

    def applies(self, rule: dict, one: Record, other: Record) -> bool:
        further = rule["with_attribute"]
        if further and not self.shared(one, other, further):
            return False
        return bool(self.shared(one, other, rule["attribute"]))

    def is_told_today(self, rule: dict, one: Record, other: Record) -> bool:
        name = rule["attribute"]
        return rule["uses"] == "ever" or any(
            self.values[one][name][value] and self.values[other][name][value]
            for value in self.shared(one, other, name)
        )

    def veto(self, one: Record, other: Record) -> Decimal:
        """The confidence below which two that differ so much are not linked."""
        against = [
            Decimal(row["vetoes_below"])
            for name, row in ATTRIBUTES.items()
            if row["vetoes_below"] and self.differ(one, other, name)
        ]
        is_named = self.values[one]["name"] and self.values[other]["name"]
        return max(against, default=Decimal(0)) if is_named else Decimal(0)

    def differ(self, one: Record, other: Record, attribute: str) -> bool:
        here, there = self.values[one][attribute], self.values[other][attribute]
        return bool(here and there) and {*here}.isdisjoint(there)

    def links(self) -> tuple[dict[frozenset, Decimal], set[frozenset]]:
        """Links that hold, with their confidence, and all that held once."""
        live, once = {}, set()
        for one, other in combinations(self.first_seen, 2):
            pair = frozenset([one, other])
            said = self.words.get(pair, [])
            found = []
            if "guest" not in (one[0], other[0]):
                found = [
                    rule
                    for rule in RULES
                    if rule["action"] == "link"
                    and rule["attribute"]
                    and Decimal(rule["confidence"]) >= self.veto(one, other)
                    and self.applies(rule, one, other)
                ]
            if found or "same" in said:
                once.add(pair)
            holding = [
                Decimal(rule["confidence"])
                for rule in found
                if rule["rule_code"] != self.over
                and self.is_told_today(rule, one, other)
            ]
            if "same" in said:
                holding.append(Decimal(1))
            if holding and said[-1:] != ["different"]:
                live[pair] = max(holding)
        return live, once

    # Who is one customer.

    def parts(self) -> list[frozenset]:
        """Records that are linked, without the weakest links of those kept apart."""
        records = sorted(self.first_seen)
        at = {record: number for number, record in enumerate(records)}
        ends = [tuple(sorted(at[record] for record in pair)) for pair in self.live]
        apart = [tuple(sorted(at[record] for record in pair)) for pair in self.apart()]
        made = Graph(tuple(range(len(records))), tuple(ends))
        levels = tuple(int(confidence * 10_000) for confidence in self.live.values())
        members = defaultdict(set)
        for number, part in cut(Weighted(made, levels, tuple(apart))).items():
            members[part].add(records[number])
        return [frozenset(part) for part in members.values()]

    def apart(self) -> list[frozenset]:
        return [pair for pair, said in self.words.items() if said[-1] == "different"]

    def is_named(self, part: frozenset) -> bool:
        return any(self.values[record]["name"] for record in part)

    def choices(self, nameless: list[frozenset], customers: list[frozenset]) -> dict:
        """The one customer for whom most speaks, for each that has just one such.

        Of two who are not the same it is at most the one for whom more speaks.
        """
        chosen, best = {}, {}
        for part in nameless:
            scores = {one: self.score(part, one) for one in customers}
            most = max(scores.values(), default=Decimal(0))
            first = [one for one in scores if scores[one] == most]
            if most and len(first) == 1:
                chosen[part], best[part] = first[0], most
        return {
            part: customer
            for part, customer in chosen.items()
            if not any(
                chosen[rival] == customer
                and best[rival] >= best[part]
                and self.is_apart(part, rival)
                for rival in chosen
            )
        }

    def is_apart(self, part: frozenset, other: frozenset) -> bool:
        between = {frozenset(pair) for pair in product(part, other)}
        return bool(between & {*self.apart()})

    def score(self, part: frozenset, customer: frozenset) -> Decimal:
        between = {frozenset(pair) for pair in product(part, customer)}
        if self.is_apart(part, customer):
            return Decimal(0)
        return sum(
            (
                Decimal(rule["confidence"])
                for rule in RULES
                if rule["action"] == "attach" and rule["rule_code"] != self.over
                if any(
                    self.applies(rule, *pair)
                    for pair in between
                    if any(namespace != "guest" for namespace, _ in pair)
                )
            ),
            Decimal(0),
        )

    def resolve(self) -> dict[Record, str | None]:
        """The key of each record's customer; None of a guest whom nobody knows."""
        parts = self.parts()
        guests = [part for part in parts if {name for name, _ in part} == {"guest"}]
        named = [part for part in parts if self.is_named(part)]
        accounts = [part for part in parts if part not in guests and part not in named]
        chosen = self.choices(accounts, named)
        # {what the key comes from: all that is there}
        customers = {part: part for part in parts if part not in (*guests, *chosen)}
        for part, customer in chosen.items():
            customers[customer] |= part
        wholes = {whole: part for part, whole in customers.items()}
        for part, whole in self.choices(guests, [*wholes]).items():
            customers[wholes[whole]] |= part
        found = dict.fromkeys(self.first_seen)
        self.linked = frozenset().union(*customers)
        for part, whole in customers.items():
            oldest = min((one for one in part if one[0] != "guest"), key=self.age)
            found |= dict.fromkeys(whole, key(oldest))
        return found

    def age(self, record: Record) -> tuple:
        return self.first_seen[record], *record

    # How that is told to whoever kept a key.

    def changes(self) -> set[tuple]:
        """(record, kind, from, to): no guest, since a guest never had a key."""
        merged = {
            (record, "merged", key(record), found)
            for record, found in self.keys.items()
            if record[0] != "guest" and found != key(record)
        }
        origin = self.origins()
        split = {
            (record, "split", origin[found], found)
            for record, found in self.keys.items()
            if record[0] != "guest" and origin.get(found, found) != found
        }
        return merged | split

    def origins(self) -> dict[str, str]:
        """The key of what each customer was once part of: the oldest of all these."""
        ages = {key(record): self.age(record) for record in self.first_seen}
        nodes = sorted({*self.keys.values()} - {None}, key=ages.get)
        at = {node: number for number, node in enumerate(nodes)}
        edges = [
            tuple(at[self.keys[record]] for record in pair)
            for pair in self.once
            if all(self.keys[record] for record in pair)
        ]
        found = components(range(len(nodes)), edges)
        return {node: nodes[found[number]] for node, number in at.items()}


# --- the SQL --------------------------------------------------------------------------


class Identity:
    """The models of identity in one connection, over raw that is a world's rows."""

    def __init__(self, builder: Builder, folder) -> None:
        project = upstream(builder.project, CHANGED, given=FATES)
        self.warehouse = Warehouse(project, companies.installation(folder))
        self.connection = self.warehouse.connection
        self.relations = {model.name: model.relation for model in project.models}
        bare.prepare(self.connection, project, project.raw)
        tables = [*self.warehouse.raw_tables(), "tierkeeper_settings"]
        self.warehouse.replace_raw(
            {table: f"from raw.{table} where false" for table in tables}
        )
        for name in LISTS:
            self.connection.execute(
                f"create table {name}_given as from reference.{name}"
            )
        # The day is asked for, so the fates of rows decide none.
        self.connection.execute(
            "create table intermediate.int_rows__fates (source varchar, feed varchar, "
            "event_at timestamp, failures varchar)"
        )
        self.tell(World(()))
        self.warehouse.run_models(full=True)
        # What no row of a world is in stays as it is.
        idle = {
            f"stg_{name.replace('_', '__', 1)}_versions"
            for name in self.warehouse.raw_tables()
            if name not in TABLES
        }
        active = [model for model in project.models if model.name not in idle]
        self.warehouse.project = replace(project, models=tuple(active))

    def tell(self, world: World, shuffled: int | None = None) -> None:
        """Put the world's rows into raw, and its changes into the lists."""
        execute = self.connection.execute
        execute("delete from raw.tierkeeper_settings")
        execute(
            "insert into raw.tierkeeper_settings (requested_as_of_date, "
            "latest_as_of_date, business_timezone, base_currency, pseudonym_key) "
            "values ($1, $1, 'Asia/Shanghai', 'CNY', $2)",
            [BEGINNING + timedelta(days=world.day), SECRET],
        )
        for name in LISTS:
            execute(f"create or replace table reference.{name} as from {name}_given")
        execute(
            "update reference.identity_attributes set most_records = ? "
            "where attribute in ('email', 'phone')",
            [world.most_records],
        )
        if world.ended:
            rule, last_day = world.ended
            execute(
                "update reference.identity_rules set valid_to = ? where rule_code = ?",
                [BEGINNING + timedelta(days=last_day), rule],
            )
        for table in TABLES:
            execute(f"delete from raw.{table}")
        self.add(world.rows, "batch", shuffled)

    def add(
        self, rows: Iterable[tuple[str, dict]], batch: str, shuffled: int | None = None
    ) -> None:
        rows = list(rows)
        if shuffled is not None:
            random.Random(shuffled).shuffle(rows)
        for number, (table, row) in enumerate(rows):
            place = {"_file": batch, "_batch": batch, "_row_number": number + 1}
            given = {**row, **place, "_exported_at": EXPORTED}
            self.connection.execute(
                f"insert into raw.{table} ({', '.join(given)}) "
                f"values ({', '.join('?' * len(given))})",
                [*given.values()],
            )

    def build(self, *, full: bool = True) -> "Found":
        self.warehouse.run_models(full=full)
        keys = self.connection.execute(
            "select namespace, record_id, customer_key, is_anonymous "
            f"from {self.relations[CONNECTED]} as connected "
            f"left join {self.relations[RESOLVED]} as resolved "
            "using (namespace, record_id)"
        ).fetchall()
        for *_, found, is_anonymous in keys:
            assert (found is None) == is_anonymous
        changes = self.connection.execute(
            "select namespace, record_id, change_kind, from_customer_key, "
            "customer_key, reason_code, changed_on "
            f"from {self.relations[CHANGED]}"
        ).fetchall()
        return Found(
            {(namespace, number): found for namespace, number, found, _ in keys},
            tuple(Change((row[0], row[1]), *row[2:]) for row in sorted(changes)),
        )

    def resolve(self, world: World, shuffled: int | None = None) -> "Found":
        self.tell(world, shuffled)
        return self.build()


@dataclass(frozen=True)
class Change:
    record: Record
    kind: str
    from_key: str
    key: str
    reason: str
    on: date


@dataclass(frozen=True)
class Found:
    keys: dict[Record, str | None]
    changes: tuple[Change, ...]

    def together(self, *records: Record) -> bool:
        """Whether these are one customer, and nobody is anonymous."""
        found = {self.keys[record] for record in records}
        return len(found) == 1 and None not in found

    def told(self) -> set[tuple]:
        told = [(one.record, one.kind, one.from_key, one.key) for one in self.changes]
        assert len(told) == len({*told}), "a change is told twice"
        assert all(one.reason and one.on for one in self.changes)
        return {*told}


@pytest.fixture(scope="module")
def identity(builder, tmp_path_factory) -> Iterator[Identity]:
    made = Identity(builder, tmp_path_factory.mktemp("identity"))
    yield made
    made.warehouse.close()


# --- any world ------------------------------------------------------------------------

LINKING = [
    rule["rule_code"]
    for rule in RULES
    if rule["attribute"] and rule["action"] != "review"
]
NAMES = ("Ada Quill", "Bo Lindner", "林晓雯")
DAYS = st.integers(0, 20).map(lambda number: number * 10)


@st.composite
def small(draw: st.DrawFn, number: int, first: int = 0, words: str = "both") -> list:
    """Rows of a few records, whose contacts nobody outside of this number has.

    From the day `first` on; `words` are "both", "same" or "no".
    """

    def one_of(*values, nothing: int = 0):
        return draw(st.sampled_from([*values, *[None] * nothing]))

    def email():
        return one_of(*(f"{name}{number}@example.com" for name in "abc"), nothing=2)

    def phone():
        return one_of(*(f"1390{number:03}000{at}" for at in range(3)), nothing=3)

    def told() -> dict:
        found = {
            "email": email(),
            "phone": phone(),
            "id_in_shop": one_of(*accounts, nothing=4),
            "birth_date": one_of("1990-05-01", "1991-06-02", nothing=4),
        }
        return {name: value for name, value in found.items() if value}

    def day() -> int:
        return first + draw(DAYS)

    accounts = [f"S{number}-{at}" for at in range(3)]
    rows = []
    for at in range(draw(st.integers(2, 8))):
        record, created = f"C{number}-{first}-{at}", day()
        always = {
            "type": one_of("person", "person", "person", "company"),
            "wechat_union_id": one_of(f"u{number}", f"v{number}", nothing=6),
            "loyalty_card_no": one_of(f"K{number}", f"L{number}", nothing=6),
        }
        name = one_of(*NAMES, *NAMES, nothing=1)
        rows.append(customer(record, name, created, **always, **told()))
        if one_of(True, nothing=2):
            updated = created + 5 + draw(DAYS)
            name = one_of(name, name, *NAMES)
            version = customer(
                record, name, created, **always, **told(), updated=updated
            )
            rows.append(version)
        if always["type"] == "company":
            rows.append(contact(f"P{record}", record, email=email(), phone=phone()))
    for at in range(draw(st.integers(0, 5))):
        account = one_of(*accounts, nothing=2)
        name = f"O{number}-{first}-{at}"
        rows.append(order(name, day(), account, email=email(), phone=phone()))
    if one_of(True, nothing=1):
        rows.append(answer(f"R{number}-{first}", day(), f"a{number}@example.com"))
    if words == "no":
        return rows
    known = [crm(row["source_customer_id"]) for _, row in rows if "created_at" in row]
    known += [shop(account) for account in accounts]
    known += [guest(f"a{number}@example.com"), guest(f"b{number}@example.com")]
    verdicts = ["same"] if words == "same" else ["same", "different", "different"]
    for at in range(draw(st.integers(0, 4))):
        pair = draw(st.sampled_from(known)), draw(st.sampled_from(known))
        verdict = draw(st.sampled_from(verdicts))
        rows.append(word(f"D{number}-{first}-{at}", verdict, day(), *pair))
    return rows


@st.composite
def worlds(draw: st.DrawFn, most: int = 8, **forms) -> World:
    """Small ones side by side, since a build takes as long for one as for many."""
    rows = [
        draw(small(number, **forms)) for number in range(draw(st.integers(1, most)))
    ]
    return World(
        tuple(row for found in rows for row in found),
        day=draw(st.sampled_from([300, 250, 120])),
    )


@st.composite
def odd_worlds(draw: st.DrawFn) -> World:
    """Also with values that three have already for everybody's, and a rule's end."""
    world = draw(worlds())
    ended = draw(st.sampled_from([None, None, *LINKING]))
    return replace(
        world,
        most_records=draw(st.sampled_from([20, 20, 3])),
        ended=ended and (ended, world.day - 1),
    )


@proofs(max_examples=WORLDS)
@given(world=odd_worlds())
def test_in_any_world_the_models_find_whom_the_rules_in_plain_words_do(identity, world):
    oracle, found = Oracle(world), identity.resolve(world)
    assert found.keys == oracle.keys
    assert found.told() == oracle.changes()
    for one, other in oracle.apart():
        assert not found.together(one, other)


@proofs(max_examples=WORLDS // 3)
@given(data=st.data())
def test_younger_records_move_no_key_but_to_an_older_one_however_they_come(
    identity, data
):
    world = replace(data.draw(worlds(words="same")), day=AFTER)
    numbers = range(len(world.of("crm_customers")))
    some = [data.draw(small(number, LATER, "same")) for number in numbers[:8]]
    younger = [row for rows in some for row in rows]
    before = identity.resolve(world)
    identity.add(younger, "a night later")
    after = identity.build(full=False)
    whole = world.and_(*younger)
    assert identity.resolve(whole, shuffled=len(younger)) == after

    old, new = Oracle(world), Oracle(whole)
    assert after.keys == new.keys
    ages = {key(record): new.age(record) for record in new.first_seen}
    moved = {one.from_key: one.key for one in after.changes if one.kind == "merged"}
    for record in old.linked & new.linked:
        found, was = after.keys[record], before.keys[record]
        if was and found != was:
            assert ages[found] < ages[was] and found in before.keys.values()
            assert moved[was] == found
    for was in {*before.keys.values()} - {None}:
        assert was in after.keys.values() or moved[was] in after.keys.values()


# --- cases worked by hand -------------------------------------------------------------

TOWN: list[tuple[str, dict]] = []


def live(*rows: tuple[str, dict]) -> None:
    """Move into the town in which all these cases live side by side."""
    TOWN.extend(rows)


@pytest.fixture(scope="module")
def town(identity):
    """Who is who in the town on a day, which the oracle says as well."""
    found = {}

    def on_day(day: int, **changes: object) -> Found:
        if (day, *changes.items()) not in found:
            world = World(tuple(TOWN), day=day, **changes)
            resolved, oracle = identity.resolve(world), Oracle(world)
            assert resolved.keys == oracle.keys
            assert resolved.told() == oracle.changes()
            found[day, *changes.items()] = resolved
        return found[day, *changes.items()]

    return on_day


def changes_of(found: Found, *records: Record) -> list[Change]:
    return [change for change in found.changes if change.record in records]


FAMILY = [crm("mother"), crm("father"), crm("child")]
live(
    customer("mother", "Ada Quill", 1, phone="13911110001", email="ada@example.com"),
    customer("father", "Bo Quill", 2, phone="13911110001", email="bo@example.com"),
    customer("child", "Cy Quill", 3, phone="13911110001"),
)


def test_a_family_with_one_phone_stays_apart(town):
    found = town(300)
    assert [found.keys[one] for one in FAMILY] == [key(one) for one in FAMILY]
    assert changes_of(found, *FAMILY) == []


live(
    customer("twin-1", "Eva Moor", 5, phone="13911110002", birth_date="2000-02-02"),
    customer("twin-2", "Ina Moor", 5, phone="13911110002", birth_date="2000-02-02"),
    customer("namesake-1", "Li Na", 5, birth_date="2001-03-03"),
    customer("namesake-2", "Li Na", 5, birth_date="2001-03-03"),
    customer("junior", "Oz Pan", 5, email="pan@example.com", birth_date="2002-04-04"),
    customer("senior", "Oz Pan", 5, email="pan@example.com", birth_date="1972-04-04"),
)


def test_twins_with_one_phone_and_namesakes_of_one_day_stay_apart(town):
    found = town(300)
    assert not found.together(crm("twin-1"), crm("twin-2"))
    assert not found.together(crm("namesake-1"), crm("namesake-2"))


def test_two_days_of_birth_speak_against_one_name_and_one_address(town):
    assert not town(300).together(crm("junior"), crm("senior"))


live(
    *(
        customer(f"till-{at}", f"Buyer {at // 2}", 1, phone="13911110009")
        for at in range(21)
    ),
    order("till-guest", 20, phone="13911110009"),
    customer("own-phone", "Jo Reed", 1, phone="13911110003"),
    order("phone-guest", 20, phone="13911110003"),
)


def test_the_shops_own_phone_says_nothing_and_a_guest_who_left_it_stays_anonymous(town):
    found = town(300)
    assert found.keys[guest("13911110009")] is None
    assert not found.together(crm("till-0"), crm("till-1"))
    assert found.together(crm("own-phone"), guest("13911110003"))


CHAIN = [crm("chain-1"), crm("chain-2"), crm("chain-3"), shop("chain-S")]
live(
    customer("chain-1", "Kim Lau", 9, email="kim@example.com"),
    customer("chain-2", "Kim Lau", 8, email="kim@example.com", phone="13911110004"),
    customer("chain-3", "Kim Lau", 7, phone="13911110004", id_in_shop="chain-S"),
    order("chain-order", 30, "chain-S"),
)


def test_a_chain_by_mail_then_phone_then_account_is_one_customer_of_the_oldest_key(
    town,
):
    found = town(300)
    assert {found.keys[one] for one in CHAIN} == {key(crm("chain-3"))}
    assert {
        (one.record[1], one.kind, one.reason) for one in changes_of(found, *CHAIN)
    } == {
        ("chain-1", "merged", "same_email_name"),
        ("chain-2", "merged", "same_email_name"),
        ("chain-S", "merged", "id_in_shop"),
    }


live(
    customer("first-owner", "Max Orr", 1, email="sales@example.com"),
    customer("first-owner", "Max Orr", 1, email="max@example.com", updated=50),
    customer("second-owner", "Nia Poe", 55, email="sales@example.com"),
    customer("owner-again", "Max Orr", 70, email="sales@example.com"),
)


def test_an_address_that_was_passed_on_joins_nobody_but_its_old_owner_by_name(town):
    found = town(300)
    assert not found.together(crm("first-owner"), crm("second-owner"))
    assert found.together(crm("first-owner"), crm("owner-again"))


live(
    customer("firm", "Reed Ltd", 1, type="company", email="office@reed.example"),
    contact("buyer", "firm", contact_name="Uma Vale", email="uma@reed.example"),
    order("firm-guest", 20, email="uma@reed.example"),
)


def test_a_guest_with_the_address_of_a_companys_buyer_is_the_company(town):
    found = town(300)
    assert found.together(crm("firm"), guest("uma@reed.example"))
    assert changes_of(found, guest("uma@reed.example")) == []


live(
    order("stranger-1", 20, email="who@example.com", phone="13911110005"),
    order("stranger-2", 25, email="who@example.com"),
    answer("stranger-3", 30, "who@example.com"),
    order("stranger-4", 30, phone="13911110005"),
)


def test_guests_with_one_address_are_one_record_and_bring_no_others_with_them(town):
    found = town(300)
    assert found.keys[guest("who@example.com")] is None
    assert found.keys[guest("13911110005")] is None


live(
    customer("one-of-two", "Vic Wu", 1, email="both@example.com"),
    customer("other-of-two", "Xi Wu", 2, email="both@example.com", phone="13911110006"),
    order("between", 20, email="both@example.com"),
    order("undecided", 20, "undecided-S", email="both@example.com"),
    order("decided", 20, "decided-S", email="both@example.com", phone="13911110006"),
)


def test_what_two_customers_could_be_is_neither_unless_more_speaks_for_one(town):
    found = town(300)
    assert found.keys[guest("both@example.com")] is None
    assert found.keys[shop("undecided-S")] == key(shop("undecided-S"))
    assert found.together(shop("decided-S"), crm("other-of-two"))
    assert not found.together(shop("decided-S"), crm("one-of-two"))


JOINED = [crm("said-1"), crm("said-2")]
live(
    customer("said-1", "Yan Zhou", 1, email="yan@example.com"),
    customer("said-2", "Zhou Trading", 2, type="company"),
    word("W1", "same", 10, *JOINED),
    word("W2", "different", 50, *reversed(JOINED)),
    word("W3", "same", 90, *JOINED),
)


def test_a_word_joins_two_that_share_nothing_until_a_newer_one_withdraws_it(town):
    assert not town(5).together(*JOINED)
    assert town(40).together(*JOINED)
    assert not town(60).together(*JOINED)
    assert town(300).together(*JOINED)
    keys = key(JOINED[0]), key(JOINED[1])
    assert changes_of(town(40), *JOINED) == [
        Change(JOINED[1], "merged", *reversed(keys), "by_hand", date_of(10))
    ]
    assert changes_of(town(60), *JOINED) == [
        Change(JOINED[1], "split", *keys, "decided_different", date_of(50))
    ]


def date_of(day: int) -> date:
    return BEGINNING + timedelta(days=day)


CUT = [crm("cut-1"), crm("cut-2"), crm("cut-3"), crm("cut-4")]
live(
    customer("cut-1", "Ann Bell", 1, loyalty_card_no="C77"),
    customer("cut-2", "Ann Bell", 2, loyalty_card_no="C77", email="ann@example.com"),
    customer("cut-3", "Ann Bell", 3, email="ann@example.com", wechat_union_id="u77"),
    customer("cut-4", "A. Bell", 4, wechat_union_id="u77", phone="13911110008"),
    order("cut-guest", 30, phone="13911110008"),
    word("W4", "different", 50, CUT[0], CUT[3]),
)


def test_a_word_cuts_at_the_weakest_link_and_each_side_has_the_key_of_its_oldest(town):
    one, _, other, _ = map(key, CUT)
    caller = guest("13911110008")
    assert {town(40).keys[record] for record in (*CUT, caller)} == {one}
    found = town(60)
    assert [found.keys[record] for record in CUT] == [one, one, other, other]
    assert found.keys[caller] == other
    told = changes_of(found, *CUT, caller)
    split = [change for change in told if change.kind == "split"]
    assert split == [
        Change(record, "split", one, other, "decided_different", date_of(50))
        for record in CUT[2:]
    ]


live(
    order("moved-order", 5, "moved-S"),
    customer("moved-1", "Dan Ek", 10, id_in_shop="moved-S"),
    customer("moved-1", "Dan Ek", 10, id_in_shop="other-S", updated=50),
    customer("moved-2", "Dana Eck", 45, id_in_shop="moved-S", updated=50),
)


def test_a_corrected_number_in_the_shop_leaves_the_key_with_the_older_account(town):
    account, one, other = shop("moved-S"), crm("moved-1"), crm("moved-2")
    assert town(40).keys[one] == key(account)
    found = town(60)
    assert found.keys[one] == key(one)
    assert found.keys[other] == found.keys[account] == key(account)
    assert changes_of(found, one) == [
        Change(one, "split", key(account), key(one), "value_corrected", date_of(50))
    ]


CARD = [crm("card-1"), crm("card-2")]
live(
    customer("card-1", "Flo Gil", 1, loyalty_card_no="C88"),
    customer("card-2", "Flora Gil", 2, loyalty_card_no="C88"),
)


def test_a_rule_that_ends_leaves_the_key_with_the_oldest_record(town):
    assert town(60).together(*CARD)
    found = town(60, ended=("same_card", 59))
    assert [found.keys[one] for one in CARD] == [key(one) for one in CARD]
    assert changes_of(found, *CARD) == [
        Change(CARD[1], "split", *map(key, CARD), "rule_ended", date_of(60))
    ]


live(
    order("pair-1", 10, email="pair@example.com"),
    order("pair-2", 10, phone="13911110007"),
    word("W5", "same", 20, guest("pair@example.com"), guest("13911110007")),
    customer("pair", "Hal Ives", 45, email="pair@example.com"),
)


def test_guests_who_are_said_to_be_one_are_nobody_until_one_of_them_is_known(town):
    pair = guest("pair@example.com"), guest("13911110007")
    assert [town(40).keys[one] for one in pair] == [None, None]
    assert town(60).together(crm("pair"), *pair)


live(
    customer("not-1", "Ida Jung", 1, email="ida@example.com"),
    customer("not-2", "Ida Jung", 2, email="ida@example.com"),
    order("not-order", 10, email="ida@example.com"),
    order("not-account", 10, "not-S", email="ida@example.com"),
    word("W6", "different", 50, crm("not-1"), guest("ida@example.com")),
    word("W8", "different", 50, shop("not-S"), crm("not-2")),
)


def test_a_word_holds_for_all_of_a_customer_whichever_record_it_named(town):
    both, account, caller = (
        (crm("not-1"), crm("not-2")),
        shop("not-S"),
        guest("ida@example.com"),
    )
    assert town(40).together(*both, account, caller)
    found = town(60)
    assert found.together(*both)
    assert found.keys[account] == key(account)
    # The account has the guest's address as well, and nobody said that it is another.
    assert found.together(account, caller)


live(
    customer("joined", "Jan Kok", 15, email="jan@example.com"),
    order("known-order", 10, "known-S", email="jan@example.com"),
    order("linked-order", 12, "linked-S"),
    word("W7", "same", 20, shop("known-S"), shop("linked-S")),
)


def test_accounts_who_are_said_to_be_one_go_to_a_customer_together(town):
    found = town(40)
    accounts = shop("known-S"), shop("linked-S")
    # Both are older, and yet are where their contact leads.
    known = crm("joined")
    assert {found.keys[one] for one in (known, *accounts)} == {key(known)}
    assert [(one.record, one.reason) for one in changes_of(found, *accounts)] == [
        (shop("known-S"), "by_hand"),
        (shop("linked-S"), "by_hand"),
    ]


live(
    customer("told", "Lea Mann", 1, phone="13911110010"),
    order("told-order", 10, email="lea@example.com"),
    word("W9", "same", 20, crm("told"), guest("lea@example.com")),
    order("led-order", 25, "led-S", email="lea@example.com"),
)


def test_an_account_goes_where_somebody_said_that_a_guest_with_its_address_belongs(
    town,
):
    found, account = town(40), shop("led-S")
    assert found.together(crm("told"), guest("lea@example.com"), account)
    assert [one.reason for one in changes_of(found, account)] == ["email_of_customer"]


live(
    customer("whole", "Mia Noll", 1, email="mia@example.com", phone="13911110011"),
    order("stays-out-order", 10, "stays-out-S", phone="13911110011"),
    order("goes-in-order", 10, "goes-in-S", email="mia@example.com"),
    word("W10", "different", 20, shop("stays-out-S"), shop("goes-in-S")),
)


def test_of_two_accounts_who_are_not_the_same_the_likelier_one_joins(town):
    found = town(40)
    assert found.together(crm("whole"), shop("goes-in-S"))
    assert found.keys[shop("stays-out-S")] == key(shop("stays-out-S"))


# --- what follows the key -------------------------------------------------------------


class Nights:
    """The company of tests/landing, whole, with its ledger kept from night to night."""

    def __init__(self, builder: Builder, folder) -> None:
        project = builder.project
        self.warehouse = Warehouse(project, companies.installation(folder))
        self.connection = self.warehouse.connection
        bare.prepare(self.connection, project, project.raw)
        growing = ("crm_customers", "crm_identity_decisions")
        self.warehouse.replace_raw({table: f"from raw.{table}" for table in growing})
        settings, ledger = "tierkeeper_settings", "tierkeeper_decisions"
        self.warehouse.replace_raw({settings: f"from raw.{settings}"})
        self.warehouse.replace_raw({ledger: f"from raw.{ledger} where false"})

    def night(self, day: date, *rows: tuple[str, dict]) -> None:
        """What came by the day is built, and what that decided is kept."""
        for number, (table, row) in enumerate(rows):
            place = {"_file": str(day), "_batch": str(day), "_row_number": number + 1}
            given = {**row, **place, "_exported_at": datetime(2026, 6, 30, 15, 59, 59)}
            self.connection.execute(
                f"insert into raw.{table} ({', '.join(given)}) "
                f"values ({', '.join('?' * len(given))})",
                [*given.values()],
            )
        self.connection.execute(
            "update raw.tierkeeper_settings set requested_as_of_date = ?", [day]
        )
        self.warehouse.run_models()
        self.connection.execute(
            "insert into raw.tierkeeper_decisions by name "
            "select columns(* exclude customer_key)::varchar, 'decided' as _file, "
            "$1::varchar as _batch, $1::date + interval 15 hour as _exported_at, "
            "row_number() over (order by decision_id) as _row_number "
            f"from {bare.MARTS}.marts.churn_decisions where decided_on = $1",
            [day],
        )

    def rows(self, sql: str) -> list[tuple]:
        return self.connection.execute(
            sql.format(marts=f"{bare.MARTS}.marts")
        ).fetchall()

    def version(self, record_id: str, told_at: str, **told: str) -> tuple:
        """The newest version of a CRM record once more, with something told besides."""
        cursor = self.connection.execute(
            "select columns(name -> name[1] <> '_') from raw.crm_customers "
            "where source_customer_id = ? order by updated_at desc limit 1",
            [record_id],
        )
        names = [column[0] for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True))
        return "crm_customers", {**row, "updated_at": told_at, **told}

    def key_of_facts(self) -> str:
        """Whose the buyer's orders and tickets are, all of them."""
        found = self.rows(f"""
            select 'order', order_id, customer_key from {{marts}}.orders
            where order_id in (
                select order_id from raw.shop_orders
                where source_customer_id = '{ACCOUNT}'
            )
            union all
            select 'ticket', ticket_id, customer_key from {{marts}}.service_tickets
            where ticket_id in (
                select ticket_id from raw.service_tickets
                where source_customer_id = '{BUYER}'
            )
        """)
        assert {kind for kind, _, _ in found} == {"order", "ticket"}
        assert len(found) == len({(kind, number) for kind, number, _ in found}) > 20
        (owner,) = {owner for _, _, owner in found}
        return owner

    def keys_of_warnings(self) -> dict[str, str]:
        found = self.rows("select warning_id, customer_key from {marts}.churn_warnings")
        assert len(found) == len(dict(found)), "a warning is told twice"
        return dict(found)

    def changes(self) -> dict[tuple, tuple]:
        """{(record, kind): (from, to, reason, day)} of the buyer and its namesakes."""
        return {
            (record, kind): tuple(rest)
            for record, kind, *rest in self.rows(
                "select record_id, change_kind, from_customer_key, customer_key, "
                "reason_code, changed_on from {marts}.customer_key_changes "
                f"where record_id in ('{BUYER}', '{OLDER}', '{OLDEST}')"
            )
        }


# Who stops buying in tests/landing, and two records without a deed, opened before.
BUYER, ACCOUNT, OLDER, OLDEST = "C002", "S1012", "C900", "C901"


def test_orders_tickets_and_warnings_follow_the_key_through_a_merge_and_a_split(
    builder, tmp_path
):
    nights = Nights(builder, tmp_path)
    buyer, older, oldest = key(crm(BUYER)), key(crm(OLDER)), key(crm(OLDEST))

    def quiet(record_id: str, created: int, **told) -> tuple:
        return customer(record_id, record_id, created, type="company", **told)

    # The buyer was joined to an older record, to which the warning is decided.
    nights.night(
        date(2026, 5, 31),
        quiet(OLDER, -700, loyalty_card_no="K1", updated=4),
        nights.version(BUYER, on(4), loyalty_card_no="K1"),
    )
    warned = nights.keys_of_warnings()
    assert older in warned.values() and buyer not in warned.values()
    assert nights.key_of_facts() == older
    assert nights.rows(
        "select namespace, record_id from {marts}.churn_decisions "
        f"where kind = 'opened' and customer_key = '{older}'"
    ) == [("crm", OLDER)]

    # A card joins both to one that is older still.
    nights.night(
        date(2026, 6, 10),
        quiet(OLDEST, -800, loyalty_card_no="K2", updated=160),
        nights.version(OLDER, on(160), loyalty_card_no="K2"),
    )
    found = nights.keys_of_warnings()  # others may have been opened since
    assert {warning: found[warning] for warning in warned} == {
        warning: oldest if owner == older else owner
        for warning, owner in warned.items()
    }
    assert nights.key_of_facts() == oldest
    assert nights.rows(
        "select customer_key from {marts}.customers "
        f"where customer_key in ('{buyer}', '{older}', '{oldest}')"
    ) == [(oldest,)]
    merged = {told: change[:2] for told, change in nights.changes().items()}
    assert merged == {
        (BUYER, "merged"): (buyer, oldest),
        (OLDER, "merged"): (older, oldest),
    }

    # Somebody's word takes all three apart: a warning stays where it was decided.
    words = [
        word("D1", "different", 165, crm(OLDER), crm(BUYER)),
        word("D2", "different", 165, crm(OLDER), crm(OLDEST)),
    ]
    nights.night(date(2026, 6, 30), *words)
    found = nights.keys_of_warnings()
    assert {warning: found[warning] for warning in warned} == warned
    assert nights.key_of_facts() == buyer
    decided = "decided_different", date(2026, 6, 15)
    assert nights.changes() == {
        (BUYER, "split"): (oldest, buyer, *decided),
        (OLDER, "split"): (oldest, older, *decided),
    }
    nights.warehouse.close()

"""The generator plants what it says, delivers it as declared, and is the same twice."""

import csv
import hashlib
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from expectations import Result
from orchestration import landing
from orchestration.contracts import feeds
from orchestration.settings import from_environment
from seeds.generator.__main__ import main
from seeds.generator.feeds import FEEDS


def generate(out: Path, *arguments: str, customers: int = 600, seed: int = 7) -> Path:
    code = main(
        [
            *("--out", str(out), "--customers", str(customers), "--seed", str(seed)),
            *arguments,
        ]
    )
    assert code == 0
    return out


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> Path:
    return generate(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="module")
def ask():
    """Run SQL over a company's files: {truth} and {landing} stand for its folders."""
    with duckdb.connect() as connection:

        def query(company: Path, sql: str) -> list[tuple]:
            return connection.execute(
                sql.format(truth=company / "truth", landing=company / "landing")
            ).fetchall()

        yield query


def cells(path: Path, connection) -> list[tuple]:
    return connection.execute(f"select * from '{path}'").fetchall()


def contents(company: Path) -> dict[str, object]:
    """By file: its cells for Parquet, a hash of its bytes for all else."""
    with duckdb.connect() as connection:
        return {
            path.relative_to(company).as_posix(): (
                tuple(cells(path, connection))
                if path.suffix == ".parquet"
                else hashlib.sha256(path.read_bytes()).hexdigest()
            )
            for path in sorted(company.glob("*/**/*.*"))
        }


def test_the_same_arguments_give_the_same_company_whatever_the_threads(
    company, tmp_path
):
    again = generate(tmp_path / "again", "--threads", "1")
    assert contents(again) == contents(company)


def test_another_seed_gives_another_company(at_once, tmp_path):
    other = generate(
        tmp_path / "other", "--without", "dirty_rows", customers=300, seed=8
    )
    same = contents(other).items() & contents(at_once).items()
    assert {file for file, _ in same} <= {
        "landing/crm/worklist_results/worklist_results_2026-07-14.csv",
        "truth/dirty_rows.parquet",
        "truth/branches.parquet",
    }


def header(path: Path, delimiter: str, encoding: str) -> list[str]:
    with path.open(encoding=encoding, newline="") as lines:
        return next(csv.reader(lines, delimiter=delimiter))


# What the invented firm does not keep: nobody has decided who is who, and nobody has
# asked the people at its customers for their consent.
ABSENT_FEEDS = {"crm/identity_decisions"}
ABSENT_COLUMNS = {("crm/contacts", "marketing_consent")}


def test_every_feed_comes_with_exactly_the_declared_columns(company):
    forms = {feed.label: feed for feed in FEEDS}
    declared = {
        feed.label: [
            column.name
            for column in feed.columns
            if (feed.label, column.name) not in ABSENT_COLUMNS
        ]
        for feed in feeds().values()
        # Another shop's own data, and our own ledgers.
        if feed.source not in ("online_retail", "tierkeeper")
        and feed.label not in ABSENT_FEEDS
    }
    assert forms.keys() == declared.keys()
    with duckdb.connect() as connection:
        for label, names in declared.items():
            files = sorted((company / "landing" / label).iterdir())
            assert files, label
            for path in files:
                if path.suffix == ".csv":
                    form = forms[label]
                    found = header(path, form.delimiter, form.encoding)
                elif path.suffix == ".parquet":
                    described = connection.execute(f"describe from '{path}'")
                    found = [row[0] for row in described.fetchall()]
                else:
                    continue
                assert sorted(found) == sorted(names), path.name


PARQUET = "'{landing}/%s/*.parquet'"
REFERENCES = [
    ("shop/order_lines", "order_id", "shop/orders", "order_id"),
    ("survey/responses", "ticket_id", "service/tickets", "ticket_id"),
    ("survey/responses", "invitation_id", "survey/invitations", "invitation_id"),
    ("service/tickets", "order_id", "shop/orders", "order_id"),
    ("loyalty/points", "order_id", "shop/orders", "order_id"),
]


@pytest.mark.parametrize(("child", "column", "parent", "key"), REFERENCES)
def test_a_row_names_only_what_is_there(company, ask, child, column, parent, key):
    orphans, found = ask(
        company,
        f"""
        with parents as (
            select {key} from {PARQUET % parent}
            union
            select distinct {key}
            from read_csv('{{landing}}/{parent}/*_part2.csv', all_varchar = true,
                ignore_errors = true, null_padding = true)
        )
        select count(*) filter (parents.{key} is null), count(*)
        from {PARQUET % child} as children
        left join parents on children.{column} = parents.{key}
        where children.{column} is not null
        """,
    )[0]
    assert (orphans, found > 0) == (0, True)


def test_an_order_is_the_sum_of_its_lines(company, ask):
    assert ask(
        company,
        f"""
        select count(*) from (
            select order_id, sum(line_amount) as lines
            from {PARQUET % "shop/order_lines"} group by order_id
        ) as sums
        inner join {PARQUET % "shop/orders"} as orders using (order_id)
        where abs(sums.lines - orders.gross_amount) > 0.05
        """,
    ) == [(0,)]


def test_whoever_left_buys_no_more(company, ask):
    bought_later, leavers = ask(
        company,
        "select count(*) filter (last_ordered_at > churned_at), count(churned_at) "
        "from '{truth}/people.parquet' where churn_kind <> 'one_time'",
    )[0]
    assert bought_later == 0
    assert leavers > 50


def test_a_cause_comes_before_its_effect_and_stands_in_the_feeds(company, ask):
    early, unseen, found = ask(
        company,
        f"""
        select
            count(*) filter (incident_id is null or decided_at < begins_at
                or decided_at > begins_at + to_days(window_days)),
            count(*) filter (feed = 'service/tickets' and ticket_id is null),
            count(*)
        from '{{truth}}/people.parquet' as people
        left join '{{truth}}/incidents.parquet' as incidents
            on people.cause_incident_id = incidents.incident_id
        left join (
            select ticket_id from {PARQUET % "service/tickets"}
            union select ticket_id from read_csv('{{landing}}/service/tickets/*.csv',
                all_varchar = true, ignore_errors = true, delim = '|')
        ) as tickets on incidents.source_id = tickets.ticket_id
        where people.cause_incident_id is not null
        """,
    )[0]
    assert (early, unseen) == (0, 0)
    assert found > 10


HAZARDS = [
    "complaint_hazard",
    "detractor_hazard",
    "missed_follow_up_hazard",
    "slow_response_hazard",
    "price_hazard",
]
# How many decide to leave within the window of an incident, against what an ordinary
# stretch as long of the same customers would bring.
LIFT = """
    select
        count(*) filter (decided_at between begins_at
            and begins_at + to_days(window_days)) as leavers,
        sum(least(window_days, date_diff('day', begins_at, timestamp '2026-07-15')))
        * 0.20 / 365 as expected
    from '{truth}/incidents.parquet' inner join '{truth}/people.parquet' using (person)
"""


def test_incidents_raise_churn_and_without_their_hazard_they_do_not(ask, tmp_path):
    planted = generate(tmp_path / "planted", customers=2000)
    harmless = generate(tmp_path / "harmless", "--without", *HAZARDS, customers=2000)
    leavers, expected = ask(planted, LIFT)[0]
    assert leavers > 2.2 * expected
    leavers, expected = ask(harmless, LIFT)[0]
    assert leavers < 1.5 * expected
    # The incidents are the same; some more come, since fewer have left.
    missing = duckdb.sql(
        f"select count(*) from '{planted}/truth/incidents.parquet' where incident_id "
        f"not in (select incident_id from '{harmless}/truth/incidents.parquet')"
    ).fetchone()
    assert missing == (0,)


def test_where_nobody_leaves_nobody_left(ask, tmp_path):
    faithful = generate(tmp_path / "faithful", "--without", "churn", customers=300)
    assert ask(
        faithful,
        "select count(*) from '{truth}/people.parquet' "
        "where churned_at is not null and churn_kind <> 'one_time'",
    ) == [(0,)]


def test_every_kind_of_dirt_is_there_and_stands_where_the_truth_says(company, ask):
    found = ask(
        company,
        "select source, feed, file, row_number, kind, expected_fate "
        "from '{truth}/dirty_rows.parquet'",
    )
    assert {row[4] for row in found} == {
        "unclosed_quote",
        "too_few_fields",
        "too_many_fields",
        "bad_json",
        "wrong_number",
        "wrong_time",
        "barcode_as_number",
        "unknown_day",
        "unknown_code",
        "missing_required",
        "after_export",
        "exact_duplicate",
        "older_version",
        "newer_invalid",
        "corrected_later",
        "repeated_file",
    }
    for source, feed, file, number, kind, _ in found:
        if kind not in ("unknown_code", "unclosed_quote", "too_many_fields"):
            continue
        path = company / "landing" / source / feed / file
        line = path.read_text("utf-8").split("\n")[number - 1]
        wanted = {"unknown_code": "teleported", "too_many_fields": "surplus"}
        assert wanted.get(kind, '"') in line


def test_a_company_without_dirt_has_no_dirty_row(ask, at_once):
    assert ask(at_once, "select count(*) from '{truth}/dirty_rows.parquet'") == [(0,)]


def test_every_file_lands_and_only_the_planted_lines_cannot_be_read(
    company, ask, tmp_path
):
    settings = from_environment(
        {"LANDING_DIR": str(company / "landing"), "DATA_DIR": str(tmp_path / "data")}
    )
    done = landing.land(settings, lambda *_: Result(), [], datetime(2026, 7, 15))
    assert done.having("rejected") == []
    assert [file.file for file in done.having("repeated")] == [
        "invoices_2026-07-14_again.csv"
    ]
    planted = ask(
        company,
        "select count(*) from '{truth}/dirty_rows.parquet' where kind in "
        "('unclosed_quote', 'too_few_fields', 'too_many_fields', 'bad_json')",
    )[0][0]
    assert sum(file.unparsed_count for file in done.having("loaded")) == planted


def newest(company: Path, label: str, key: str) -> dict[str, tuple]:
    """The newest version of each row of a feed, over all of its files."""
    form = next(feed for feed in FEEDS if feed.label == label)
    names = sorted(column.name for column in feeds()[form.source, form.name].columns)
    # A business time is one time, in whichever form it came.
    values = ", ".join(
        rf"""coalesce(regexp_replace(cast({name} as varchar),
            '^([0-9-]{{10}})T([0-9:]{{8}})[+]08:00$', '\1 \2'), '') as {name}"""
        for name in names
    )
    state: dict[str, tuple] = {}
    with duckdb.connect() as connection:
        for path in sorted((company / "landing" / label).iterdir()):
            source = f"'{path}'"
            if path.suffix == ".csv":
                source = f"read_csv('{path}', all_varchar = true)"
            rows = connection.execute(
                f"with texts as (select {values} from {source}) "
                f"select {key}, updated_at, * from texts"
            ).fetchall()
            for row in rows:
                if row[0] not in state or state[row[0]][0] <= row[1]:
                    state[row[0]] = row[1:]
    return state


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("crm/customers", "source_customer_id"),
        ("shop/orders", "order_id"),
        ("finance/invoices", "invoice_id"),
    ],
)
def test_nights_end_where_one_delivery_ends(label, key, nightly, at_once):
    assert newest(nightly, label, key) == newest(at_once, label, key)


@pytest.fixture(scope="module")
def at_once(tmp_path_factory) -> Path:
    return generate(
        tmp_path_factory.mktemp("at_once"), "--without", "dirty_rows", customers=300
    )


@pytest.fixture(scope="module")
def nightly(tmp_path_factory) -> Path:
    return generate(
        tmp_path_factory.mktemp("nightly"),
        "--nights",
        "8",
        "--without",
        "dirty_rows",
        customers=300,
    )


def test_each_night_brings_what_is_new_and_something_comes_late(nightly, ask):
    days = ask(
        nightly,
        "select distinct exported_on from '{truth}/files.parquet' "
        "where feed = 'orders' order by all",
    )
    assert days == [(date(2026, 7, day),) for day in range(7, 15)]
    late = ask(
        nightly,
        "select count(*) "
        "from read_csv('{landing}/shop/orders/orders_2026-07-??.csv', "
        "all_varchar = true, filename = true) "
        "where updated_at[:10] < filename.regexp_extract('2026-07-..')",
    )[0][0]
    assert late > 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--customers", "many"], "write a whole number"),
        (["--customers", "3"], "at least 50"),
        (["--customers", "100", "--to", "soon"], "soon is no day"),
        (["--customers", "100", "--from", "2026-07-01"], "at least 180"),
        (["--customers", "100", "--without", "gravity"], "gravity is no effect"),
        (["--customers", "100", "--world", "flat"], "choose of ordinary, typing"),
        (["--customers", "100", "--nights", "5000"], "ask for at most"),
        (["--customers", "100", "--memory", "lots"], "lots is no size"),
    ],
)
def test_a_wrong_argument_is_answered_in_one_sentence(
    arguments, sentence, tmp_path, capsys
):
    assert main(["--out", str(tmp_path / "new"), *arguments]) == 2
    said = capsys.readouterr().err.strip()
    assert sentence in said
    assert "\n" not in said
    assert not (tmp_path / "new").exists()


def test_a_folder_that_holds_something_is_refused(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["--out", str(tmp_path), "--customers", "100"]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.fixture
def ledger(company, tmp_path) -> Path:
    """Warnings of two months, one of them a control."""
    path = tmp_path / "decisions.parquet"
    duckdb.sql(
        f"""
        copy (
            select 'w' || person as warning_id, 'opened' as kind,
                (date '2026-04-30' + (person % 60)::integer)::varchar as decided_on,
                'crm' as namespace, source_customer_id as record_id, 'red' as level,
                'E0009' as owner_staff_id, 'call' as action_code,
                '2026-06-30' as due_on, (person % 10 = 0)::varchar as is_control,
                'gold' as tier_code, null::varchar as outcome
            from '{company}/truth/people.parquet'
            where source_customer_id is not null
        ) to '{path}' (format parquet)
        """
    )
    return path


def results_through(company: Path, ledger: Path, through: str) -> list[dict]:
    arguments = ["--ledger", str(ledger), "--company", str(company)]
    assert main(["results", *arguments, "--through", through]) == 0
    folder = company / "landing" / "crm" / "worklist_results"
    path = folder / f"worklist_results_{through}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    path.unlink()
    contacts = company / "landing/crm/interactions"
    (contacts / f"interactions_warnings_{through}.csv").unlink()
    return rows


def test_later_results_change_none_that_were_written(company, ledger):
    early = results_through(company, ledger, "2026-05-31")
    late = results_through(company, ledger, "2026-07-13")
    assert [row for row in late if row["done_at"][:10] <= "2026-05-31"] == early
    assert len(late) > len(early) > 50


def test_a_control_gets_no_result_and_none_is_done_after_the_day(company, ledger):
    rows = results_through(company, ledger, "2026-05-31")
    assert all(row["outcome"] for row in rows)
    assert all(int(row["warning_id"][1:]) % 10 for row in rows)
    assert max(row["done_at"] for row in rows) < "2026-06-01"


def test_who_leaves_is_lost_more_often_than_a_false_alarm(company, ledger, ask):
    rows = results_through(company, ledger, "2026-07-13")
    leavers = {
        f"w{person}"
        for (person,) in ask(
            company,
            "select person from '{truth}/people.parquet' "
            "where churned_at between '2026-06-10' and '2026-07-14'",
        )
    }
    outcomes = {row["warning_id"]: row["outcome"] for row in rows}
    of_leavers = [outcomes[warning] for warning in leavers & outcomes.keys()]
    of_others = [outcomes[warning] for warning in outcomes.keys() - leavers]
    assert "lost" in of_leavers
    assert of_leavers.count("lost") / len(of_leavers) > 3 * (
        of_others.count("lost") / len(of_others)
    )
    assert "rejected" in of_others


# A second record beside its person's first one, which has an e-mail and a phone.
TYPED = r"""
    with customers as (
        select source_customer_id, customer_name, email, birth_date,
            regexp_replace(phone, '^\+86 |[ -]', '', 'g') as phone
        from read_csv('{landing}/crm/customers/customers_2026-07-14.csv',
            all_varchar = true)
    ),
    pairs as (
        select typed.kind,
            list_distinct([
                case when first.customer_name <> second.customer_name then 'name' end,
                case when first.email <> second.email then 'email' end,
                case when first.phone <> second.phone then 'phone' end,
                case when first.birth_date <> second.birth_date then 'birthday' end
            ]) as wrong,
            second.email is null or second.phone is null as lacks_a_field
        from '{truth}/records.parquet' as typed
        inner join '{truth}/records.parquet' as main
            on typed.person = main.person
            and main.kind = 'main' and main.namespace = 'crm'
        inner join customers as first on main.record_id = first.source_customer_id
        inner join customers as second on typed.record_id = second.source_customer_id
        where starts_with(typed.kind, 'typing_')
    )
"""


@pytest.fixture(scope="module")
def typed(tmp_path_factory) -> Path:
    company = tmp_path_factory.mktemp("typed")
    return generate(
        *(company, "--world", "typing", "--without", "dirty_rows", "versions"),
        customers=2000,
    )


def test_hands_err_in_eight_ways_in_every_field_and_place(typed, ask):
    wrong = dict(
        ask(typed, TYPED + "select kind, list(wrong) from pairs group by kind")
    )
    assert len(wrong) == 8
    fields = {kind: {field for one in wrong[kind] for field in one} for kind in wrong}
    assert fields["typing_missing_field"] == set()
    assert fields["typing_homophone"] == fields["typing_lookalike"] == {"name"}
    assert fields["typing_wrong_digit"] >= {"phone"}
    assert fields["typing_two_fields"] == {"name", "email", "phone"}
    for kind in ("typing_swapped", "typing_missing_letter", "typing_doubled_letter"):
        assert fields[kind] >= {"email", "phone"}
    # Of two equal letters the swap shows nothing.
    for kind, fields_wrong in (("typing_two_fields", 2), ("typing_homophone", 1)):
        counts = [len(one) for one in wrong[kind]]
        assert max(counts) == fields_wrong
        assert counts.count(fields_wrong) > 0.9 * len(counts)


def test_who_is_typed_again_lacks_a_field_half_of_the_time(typed, ask):
    lacking, found = ask(
        typed, TYPED + "select count(*) filter (lacks_a_field), count(*) from pairs"
    )[0]
    assert found > 150
    assert 0.3 < lacking / found < 0.6


def test_an_ordinary_company_has_none_of_these(company, ask):
    assert ask(
        company,
        "select count(*) from '{truth}/records.parquet' "
        "where starts_with(kind, 'typing_')",
    ) == [(0,)]


def test_an_unbridged_account_is_one_that_no_customer_of_the_crm_names(typed, ask):
    assert ask(
        typed,
        """
        select count(*) filter ((kind = 'unbridged') = (id_in_shop is not null)),
            count(*) filter (kind = 'unbridged') > 10
        from '{truth}/records.parquet' as accounts
        inner join '{truth}/people.parquet' using (person)
        left join (
            select distinct id_in_shop
            from read_csv('{landing}/crm/customers/customers_2026-07-14.csv',
                all_varchar = true)
        ) as customers on accounts.record_id = customers.id_in_shop
        where namespace = 'shop' and not is_unknown_to_crm
        """,
    ) == [(0, True)]

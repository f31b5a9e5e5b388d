"""A small company made by hand, built end to end, gives the figures worked out by hand.

The expected figures stand in tests/landing/README.md, which was worked out by a script
that shares no code with the project.
"""

import re
import subprocess
import sys
from decimal import Decimal

import duckdb
import pytest
from nights import SMALL, run

from orchestration import inputs, publishing
from orchestration.contracts import feeds
from orchestration.settings import PROJECT


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    night = run(SMALL, tmp_path_factory.mktemp("small"))
    assert night.code == 0, night.output
    return night


def test_the_night_is_about_the_last_day_that_the_exports_cover(small):
    assert small.one("select as_of_date, status from quality.runs") == (
        duckdb.sql("select date '2026-06-30'").fetchone()[0],
        "published",
    )


def test_customers_are_the_components_of_crm_and_shop_records(small):
    assert small.one(
        "select count(*), count(*) filter (is_inferred), "
        "count(*) filter (customer_type = 'person'), "
        "count(*) filter (customer_type = 'company') from marts.customers"
    ) == (43, 3, 28, 12)


def test_customers_without_an_order_are_those_worked_out_by_hand(small):
    assert small.query(
        "select crm_customer_id from marts.customers where order_count = 0 order by 1"
    ) == [("C008",), ("C012",), ("C024",), ("C025",), ("C038",)]


def test_orders_in_force_are_those_worked_out_by_hand(small):
    assert dict(
        small.query("select status, count(*) from marts.orders group by status")
    ) == {
        "completed": 359,
        "cancelled": 9,
        "returned": 4,
        "shipped": 2,
        "paid": 1,
        "placed": 1,
    }
    assert small.one("select sum(net_amount) from marts.orders") == (
        Decimal("981031.8181"),
    )


def test_guests_are_in_revenue_and_in_no_history(small):
    assert small.one(
        "select count(*), sum(net_amount), count(distinct guest_key) "
        "from marts.orders where customer_key is null"
    ) == (6, Decimal("1351.8"), 4)


def test_clear_text_of_persons_is_in_raw_staging_and_restricted_only(small):
    personal = {
        column.name
        for feed in feeds().values()
        for column in feed.columns
        if column.is_personal
    }
    with duckdb.connect(str(small.settings.warehouse), read_only=True) as build:
        places = build.execute(
            "select distinct table_schema from information_schema.columns "
            "where list_contains($1, column_name)",
            [sorted(personal)],
        ).fetchall()
    found = {place for (place,) in places}
    assert found >= {"raw", "staging", "restricted"}
    assert not found & {"intermediate", "marts", "quality"}


def test_a_line_is_shown_with_its_order_only(small):
    assert small.one("select count(*) from marts.order_lines") == (747,)


@pytest.mark.parametrize(
    ("month", "revenue", "active"),
    [
        ("2024-11-01", 39895.5641, 15),
        ("2025-06-01", 37132.9324, 17),
        ("2025-11-01", 30583.6014, 13),
        ("2026-06-01", 36630.0591, 19),
    ],
)
def test_a_month_has_the_revenue_and_customers_worked_out_by_hand(
    small, month, revenue, active
):
    values = dict(
        small.query(
            "select kpi_code, value from marts.kpi_values "
            f"where dimension = 'all' and month = '{month}'"
        )
    )
    assert values["revenue"] == pytest.approx(revenue, abs=1e-6)
    assert values["active_customers"] == active
    assert values["revenue_per_customer"] == pytest.approx(
        (revenue - guests(small, month)) / active, abs=1e-6
    )


def guests(night, month):
    """Net revenue of guests in a month, from their orders (none came back)."""
    (amount,) = night.one(
        "select coalesce(sum(net_amount), 0) from marts.orders where customer_key is "
        f"null and date_trunc('month', ordered_on) = '{month}'"
    )
    return float(amount)


def test_june_is_as_satisfied_as_worked_out_by_hand(small):
    assert small.query(
        "select kpi_code, value, n from marts.kpi_values where dimension = 'all' "
        "and month = '2026-06-01' and kpi_code in ('csat', 'nps') order by 1"
    ) == [("csat", 0.7, 10), ("nps", 25.0, 12)]


def test_whom_to_greet_is_as_worked_out_by_hand(small):
    assert small.query(
        "select crm_customer_id, occasion_code, years, days_ahead, is_greeted "
        "from marts.care_calendar order by occasion_on"
    ) == [
        ("C030", "birthday", None, 4, False),
        ("C013", "first_purchase_day", 2, 12, False),
    ]
    assert small.query(
        "select reason_zh from marts.account_tasks where task_kind = 'care'"
    ) == [("2026-07-04 生日",)]


def test_a_month_without_answers_has_no_satisfaction_and_says_why(small):
    assert small.one(
        "select value, missing_reason from marts.kpi_values where kpi_code = 'csat' "
        "and dimension = 'all' and month = '2025-06-01'"
    ) == (None, "no data")


def table_of_fates():
    """{(source, feed, file): counts} from the README of the small."""
    rows = {}
    for line in (SMALL / "README.md").read_text("utf-8").splitlines():
        found = re.match(r"\| `(\w+)/(\w+)/(.+?)` \|.*?\| (\d.*) \|$", line)
        if found:
            cells = [cell.strip() for cell in found[4].split("|")]
            rows[found[1], found[2], found[3]] = [int(cell or 0) for cell in cells]
    return rows


def test_every_row_of_every_file_has_the_fate_worked_out_by_hand(small):
    counted = {
        # Of two equal files one loads; which of the names does not matter.
        (source, feed, file.replace(" (1)", "")): counts
        for source, feed, file, *counts in small.query(
            "select source, feed, file, raw_count, staged_count, superseded_count, "
            "duplicate_count, quarantined_count from quality.row_conservation"
        )
    }
    expected = table_of_fates()
    assert len(counted) == 22
    assert counted == {key: expected[key] for key in counted}


def test_quarantine_names_file_row_column_and_expected_form(small):
    rows = {
        (file.replace(" (1)", ""), row): (column, rule, seen, expected)
        for file, row, column, rule, seen, expected in small.query(
            "select file, row_number, column_name, rule, value_masked, expected_en "
            "from quality.quarantined_rows"
        )
    }
    assert {key: value[:3] for key, value in rows.items() if value[0]} == {
        ("orders_2026-05-31.csv", 340): (
            "ordered_at",
            "not after export",
            "2026-12-05T10:15:00+08:00",
        ),
        ("orders_2026-05-31.csv", 341): ("ordered_at", "timestamp", "2026-13-40"),
        ("orders_2026-06-30.csv", 3): ("status", "one of order_status", "teleported"),
        ("orders_2026-06-30.csv", 16): ("gross_amount", "money", "12,50"),
        ("responses_2026-06-30.xlsx", 96): ("score", "decimal", "very good"),
        ("tickets_2026-06-30.csv", 55): ("kind", "one of ticket_kind", "praise"),
    }
    assert {key for key, value in rows.items() if value[1] == "unparsed"} == {
        ("interactions_2026-06-30.jsonl", 101),
        ("orders_2026-05-31.csv", 316),
        ("orders_2026-05-31.csv", 355),
    }
    assert all(expected for _, _, _, expected in rows.values())


def test_an_older_version_in_a_later_file_does_not_win(small):
    assert small.one(
        "select city from marts.customers where crm_customer_id = 'C037'"
    ) == ("合肥",)


def test_a_refund_belongs_to_its_own_month(small):
    # C013 in tests/landing/README.md: an order of May, sent back in June.
    months = small.query(
        "select date_trunc('month', ordered_on)::varchar, sum(net_amount) "
        "from marts.orders inner join marts.customers using (customer_key) "
        "where crm_customer_id = 'C013' and ordered_on >= '2026-05-01' group by 1 "
        "order by 1"
    )
    assert [amount for _, amount in months] == [Decimal("1287"), Decimal("1018.8")]


def test_names_of_persons_are_masked_and_of_companies_shown(small):
    assert small.query(
        "select crm_customer_id, customer_name_masked from marts.customers "
        "where crm_customer_id in ('C002', 'C013') order by 1"
    ) == [("C002", "杭州青禾科技有限公司"), ("C013", "林**")]


def test_feeds_that_never_came_are_empty_and_break_nothing(small):
    with duckdb.connect(str(small.settings.warehouse), read_only=True) as build:
        build.execute(f"set file_search_path = '{small.settings.data_dir}'")
        assert build.sql("select count(*) from raw.shop_activity").fetchone() == (0,)
        assert "activity_date" in build.sql("select * from raw.shop_activity").columns


def test_the_published_file_explains_itself(small):
    undescribed = small.query(
        "select schema_name, table_name, '' from duckdb_tables() "
        "where coalesce(comment, '') = '' union all "
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where not internal and coalesce(comment, '') = ''"
    )
    assert undescribed == []
    assert small.one(
        "select comment from duckdb_columns() where table_name = 'orders' "
        "and column_name = 'net_amount'"
    )[0]


def test_parquet_beside_the_file_holds_the_same(small):
    folder = small.settings.published / "parquet" / "marts"
    with duckdb.connect() as connection:
        for (table,) in small.query(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ):
            (count,) = connection.execute(
                f"select count(*) from read_parquet('{folder}/{table}.parquet')"
            ).fetchone()
            assert (count,) == small.one(f"select count(*) from marts.{table}")


def test_the_page_shows_the_scorecard_in_both_languages_and_the_worklist_lies_beside(
    small,
):
    page = (small.settings.published / "index.html").read_text("utf-8")
    assert '<span class="en" lang="en">Net promoter score (NPS)</span>' in page
    assert '<span class="zh" lang="zh">净推荐值</span>' in page
    assert "70.0%" in page
    assert "2026-13-40" in page
    assert (small.settings.published / "worklist.csv").exists()
    assert (small.settings.published / "worklist.xlsx").exists()


def test_the_summary_ends_the_night(small):
    for expected in (
        "43",
        "off target",
        "9 of 1,785",
        "index.html",
        "As of 2026-06-30",
    ):
        assert expected in small.output


def test_data_docs_are_written(small):
    assert (small.settings.data_docs / "index.html").exists()


def test_no_wal_lies_beside_what_is_published(small):
    assert not list(small.settings.data_dir.rglob("*.wal"))


@pytest.mark.long
def test_a_second_night_without_news_changes_no_mart(small):
    before = marts(small)
    snapshot = small.settings.published.resolve()
    unchanged = run(SMALL, small.settings.data_dir)
    assert unchanged.code == 0, unchanged.output
    assert "0 files loaded" in unchanged.output
    assert "nothing is new" in unchanged.output
    assert "emitted no result" not in unchanged.output
    assert small.settings.published.resolve() == snapshot
    # Made to build all the same, now with its own decisions in the ledger.
    (snapshot / inputs.KEPT).unlink()
    again = run(SMALL, small.settings.data_dir)
    assert again.code == 0, again.output
    assert "nothing is new" not in again.output
    assert marts(again) == before
    assert again.query("select status from quality.runs order by finished_at") == [
        ("published",),
        ("unchanged",),
        ("published",),
    ]
    publishing.rollback(again.settings)
    assert again.one("select count(*) from quality.runs") == (1,)
    with pytest.raises(publishing.NothingToRollBack, match="oldest snapshot"):
        publishing.rollback(again.settings)


def marts(night):
    return {
        table: sorted(night.query(f"select * from marts.{table}"), key=repr)
        for (table,) in night.query(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        )
    }


def test_plain_dbt_build_works_after_a_landing(small):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "orchestration",
            "dbt",
            "build",
            "--select",
            "customers",
        ],
        cwd=PROJECT,
        env={"DATA_DIR": str(small.settings.data_dir), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_every_business_rule_holds_in_its_unit_test(small):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "orchestration", "dbt", "test"),
            *("--select", "test_type:unit"),
        ],
        cwd=PROJECT,
        env={"DATA_DIR": str(small.settings.data_dir), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"PASS=(\d+)", done.stdout)[1]) >= 40


def test_a_call_that_nobody_took_is_no_contact(small):
    # C006 was called in vain on 2026-06-19 and last reached on 2026-02-10.
    assert small.one(
        "select last_contacted_at::date::varchar from marts.customers "
        "where crm_customer_id = 'C006'"
    ) == ("2026-02-10",)


BY_COUNTING = """
    with purchases as (
        select distinct customer_key, ordered_on, evaluation_date
        from intermediate.int_orders__identified
        inner join intermediate.int_evaluations__dated
            on ordered_on <= evaluation_date
        where customer_key is not null and not is_credit_note and (
            counts_as_purchase
            or (cancelled_on > ordered_on and cancelled_on > evaluation_date)
        )
    ),
    counted as (
        select
            customer_key,
            evaluation_date,
            count(*) as days,
            count(*) filter (ordered_on > evaluation_date - 90) as days_90,
            count(*) filter (ordered_on > evaluation_date - 180) as days_180,
            count(*) filter (ordered_on > evaluation_date - 365) as days_365,
            min(ordered_on) as first_on,
            max(ordered_on) as last_on
        from purchases group by all
    ),
    summed as (
        select
            customer_key,
            evaluation_date,
            sum(amount) as amount,
            sum(amount) filter (moved_on > evaluation_date - 90) as amount_90,
            sum(amount) filter (moved_on > evaluation_date - 180) as amount_180,
            sum(amount) filter (moved_on > evaluation_date - 365) as amount_365
        from intermediate.int_revenue__movements
        inner join intermediate.int_evaluations__dated on moved_on <= evaluation_date
        where customer_key is not null group by all
    )
    select customer_key, evaluation_date,
        coalesce(days, 0), coalesce(days_90, 0), coalesce(days_180, 0),
        coalesce(days_365, 0), coalesce(amount, 0), coalesce(amount_90, 0),
        coalesce(amount_180, 0), coalesce(amount_365, 0), first_on, last_on
    from intermediate.int_customers__measured
    left join counted using (customer_key, evaluation_date)
    left join summed using (customer_key, evaluation_date)
"""


def test_running_windows_give_what_plain_counting_gives(small):
    with duckdb.connect(str(small.settings.warehouse), read_only=True) as build:
        counted = build.execute(f"{BY_COUNTING} order by 1, 2").fetchall()
        measured = build.execute(
            "select customer_key, evaluation_date, purchase_day_count, "
            "purchase_day_90_count, purchase_day_180_count, purchase_day_365_count, "
            "net_revenue_amount, net_revenue_90_amount, net_revenue_180_amount, "
            "net_revenue_365_amount, first_purchased_on, last_purchased_on "
            "from intermediate.int_customers__measured order by 1, 2"
        ).fetchall()
    assert len(measured) > 500
    assert measured == counted


SAID_OF_MAY = {
    # That a tier was kept is worded at the newest evaluation only.
    "customer_tiers": "select * replace ("
    "case when reason_code <> 'kept' then reason_en end as reason_en, "
    "case when reason_code <> 'kept' then reason_zh end as reason_zh) "
    "from marts.customer_tiers where evaluation_date <= '2026-05-31'",
    "tier_changes": "select * from marts.tier_changes where changed_on <= '2026-05-31'",
    "stages": "select customer_key, month, tier_code, lifecycle_stage, loss_kind, "
    "value_365_amount, net_revenue_amount from marts.customers_by_month "
    "where evaluation_date <= '2026-05-31'",
    "losses": "select customer_key, lost_on, loss_kind, value_lost_amount "
    "from marts.lost_customers where lost_on <= '2026-05-31'",
    "service_levels": "select * from marts.service_levels where month < '2026-05-01'",
}


@pytest.mark.long
def test_an_earlier_day_shows_nothing_that_came_later(small):
    """The last test of this file, for it builds in the folder of all."""
    of_june = {name: small.query(said) for name, said in SAID_OF_MAY.items()}
    night = run(SMALL, small.settings.data_dir, AS_OF_DATE="2026-05-31")
    assert night.code == 0, night.output
    assert night.one(
        "select max(ordered_on)::varchar, max(refunded_at) < '2026-05-31 16:00', "
        "max(cancelled_at) < '2026-05-31 16:00' from marts.orders"
    ) == ("2026-05-31", True, True)
    # YF100349 was refunded in part and then cancelled in June: in May it stands whole.
    assert night.one(
        "select net_amount, status from marts.orders where order_id = 'YF100349'"
    )[0] == Decimal("4758")
    assert night.one(
        "select max(responded_on)::varchar from marts.survey_responses"
    ) < ("2026-06-01",)
    # What June says of May is what May said itself.
    for name, said in SAID_OF_MAY.items():
        of_may = sorted(night.query(said), key=repr)
        assert len(of_may) > 5, name
        assert of_may == sorted(of_june[name], key=repr), name

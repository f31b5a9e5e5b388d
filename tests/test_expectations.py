"""That every suite tells a good table from a bad one, and never speaks of a row."""

import subprocess
import sys
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml

import expectations
from expectations import FOLDER, suite, suite_notes, validate
from expectations.profiles import Profile, profile_of_batch, profile_of_table
from orchestration.contracts import Column, Feed, feeds

PROJECT = Path(__file__).resolve().parent.parent
MARTS = PROJECT / "dbt_project" / "models" / "marts"
NOW = datetime(2026, 7, 1)
SUITES = sorted(suite_notes())
RAW = [name for name in SUITES if name.startswith("raw.")]
PROVENANCE = "_file", "_batch", "_first_row", "_row_number", "_unparsed_line"

# What Great Expectations can say of rows, and dbt says here.
ROW_RULES = {
    "expect_column_to_exist",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_be_in_type_list",
    "expect_column_values_to_be_null",
    "expect_column_values_to_be_of_type",
    "expect_column_values_to_be_unique",
    "expect_column_values_to_match_like_pattern",
    "expect_column_values_to_match_like_pattern_list",
    "expect_column_values_to_match_regex",
    "expect_column_values_to_match_regex_list",
    "expect_column_values_to_not_be_in_set",
    "expect_column_values_to_not_be_null",
    "expect_column_distinct_values_to_be_in_set",
    "expect_column_distinct_values_to_equal_set",
    "expect_column_distinct_values_to_contain_set",
    "expect_column_value_lengths_to_be_between",
    "expect_column_value_lengths_to_equal",
    "expect_column_pair_values_a_to_be_greater_than_b",
    "expect_column_pair_values_to_be_equal",
    "expect_column_pair_values_to_be_in_set",
    "expect_compound_columns_to_be_unique",
    "expect_multicolumn_sum_to_equal",
    "expect_query_results_to_match_comparison",
    "expect_select_column_values_to_be_unique_within_record",
    "expect_table_columns_to_match_ordered_list",
    "expect_table_columns_to_match_set",
    "unexpected_rows_expectation",
}

# {suite: {metric: (good, too low, too high)}}. A metric's drift is judged against three
# good profiles; None: there is no such side.
EXAMPLES = {
    "raw.crm_customers": {
        "row_count": (40, 0, 400),
        "unparsed_share": (0.49, None, 0.5),
        "customer_type__share__company": (0.1, 0.01, 0.9),
        "id_in_shop__null_share": (0.1, None, 0.9),
        "status__share__terminated": (0.1, None, 0.8),
    },
    "raw.crm_interactions": {
        "row_count": (120, 20, 1200),
        "unparsed_share": (0.49, None, 0.5),
        "duration_minutes__mean": (20, 0.3, 1200),
        "done_at__null_share": (0.1, None, 0.9),
        "purpose__share__complaint": (0.05, None, 0.4),
    },
    "raw.finance_exchange_rates": {
        "row_count": (47, 2, 700),
        "unparsed_share": (0.49, None, 0.5),
        "currency__distinct_count": (5, 2, None),
        "rate_to_base__mean": (7.5, 0.13, 750),
    },
    "raw.online_retail_sales": {
        "row_count": (541_909, 0, 5_000_000),
        "unparsed_share": (0.49, None, 0.5),
        "Quantity__mean": (9.6, -9, 90),
        "UnitPrice__mean": (4.6, 0.05, 460),
        "CustomerID__null_share": (0.25, None, 1),
    },
    "raw.service_tickets": {
        "row_count": (60, 2, 700),
        "unparsed_share": (0.49, None, 0.5),
        "kind__share__complaint": (0.1, None, 0.9),
        "waiting_minutes__mean": (600, 10, 36_000),
        "handling_minutes__mean": (50, 1, 3000),
        "resolved_at__null_share": (0.1, None, 0.7),
    },
    "raw.shop_order_lines": {
        "row_count": (700, 50, 7000),
        "unparsed_share": (0.49, None, 0.5),
        "quantity__mean": (5, 0.5, 60),
        "unit_price__mean": (250, 2.5, 25_000),
        "returned_quantity__mean": (0.03, None, 0.9),
    },
    "raw.shop_orders": {
        "row_count": (350, 0, 3500),
        "unparsed_share": (0.49, None, 0.5),
        "gross_amount__mean": (2500, 25, 20_260_630_000_000),
        "ordered_at__newest": (1_782_835_140, 20_635, None),
        "source_customer_id__null_share": (0.02, None, 0.9),
        "status__share__cancelled": (0.05, None, 0.5),
    },
    "raw.survey_responses": {
        "row_count": (95, 9, 950),
        "unparsed_share": (0.49, None, 0.5),
        "score__mean": (4, 1, 8.1),
        "score__stddev": (1.2, 0, None),
        "survey_type__share__nps": (0.15, 0, 1),
    },
    "marts.customer_identities": {
        "row_count": (78, 60, 130),
        "customer_key__distinct_count": (41, 3, 78),
        "is_in_crm__mean": (0.4, 0.1, 0.9),
    },
    "marts.customers": {
        "row_count": (43, 21, 86),
        "record_count__max": (2, None, 30),
        "is_inferred__mean": (0.07, None, 0.5),
        "region__null_share": (0.07, None, 1),
        "has_marketing_consent__mean": (0.6, 0, 1),
        "order_count__mean": (8.4, 4, 16.8),
        "net_revenue_amount__mean": (25_000, 12_500, 50_000),
    },
    "marts.interactions": {
        "row_count": (119, 60, 240),
        "is_done__mean": (0.7, 0.3, 1),
        "duration_minutes__mean": (20, 0.3, 1200),
    },
    "marts.kpi_values": {
        "row_count": (814, 0, 1628),
        "kpi_code__distinct_count": (7, 4, None),
        "value__null_share": (0.05, None, 0.6),
        "n__mean": (7.4, 3, 15),
    },
    "marts.order_lines": {
        "row_count": (747, 600, 1494),
        "product_id__distinct_count": (15, 5, 60),
        "quantity__mean": (5, 2, 60),
        "line_amount__mean": (1400, 700, 2800),
    },
    "marts.orders": {
        "row_count": (376, 0, 752),
        "gross_amount__mean": (2750, None, 2e12),
        "customer_key__null_share": (0.02, None, 1),
        "missing_amount_reason__null_share": (1, 0.4, None),
        "counts_as_purchase__mean": (0.98, 0.1, None),
        "net_amount__mean": (2600, 1300, 5200),
    },
    "marts.service_tickets": {
        "row_count": (59, 30, 118),
        "is_open__mean": (0.07, None, 0.5),
        "waiting_minutes__mean": (580, 9, 35_000),
    },
    "marts.survey_responses": {
        "row_count": (94, 47, 188),
        "customer_key__null_share": (0.02, None, 0.6),
        "score_share__mean": (0.7, 0.4, 0.98),
    },
    "quality.quarantined_rows": {"row_count": (9, None, 90)},
    "quality.row_conservation": {
        "row_count": (10, 0, None),
        "quarantined_count__share": (0.006, None, 0.6),
    },
}
GOOD, LOW, HIGH = range(3)
# No firm's night lacks these; every other table may be empty.
NEVER_EMPTY = {
    "marts.kpi_values",
    "quality.row_conservation",
    *(f"raw.{feed.table}" for feed in feeds().values() if feed.is_required),
}
# All that blocks, beside `unparsed_share` of a batch: a new line here needs a reason
# that holds for any firm, and for a delivery of one row.
HARD_BOUNDS = {
    **{name: {"row_count"} for name in NEVER_EMPTY},
    "raw.shop_orders": {"row_count", "gross_amount__mean"},
    "marts.orders": {"gross_amount__mean"},
    "quality.row_conservation": {"row_count", "quarantined_count__share"},
}


def profile_of(name: str, metrics: dict) -> Profile:
    return Profile(name, "", "", NOW, metrics)


def example(name: str, side: int) -> Profile:
    metrics = {metric: values[side] for metric, values in EXAMPLES[name].items()}
    return profile_of(name, metrics)


def judged(name: str, side: int) -> list[expectations.Finding]:
    return validate(name, example(name, side), [example(name, GOOD)] * 3).findings


@cache
def of_an_empty_table(name: str) -> list[expectations.Finding]:
    return validate(name, profile_of(name, {"row_count": 0}), []).findings


def kwargs_of(name: str) -> list[dict]:
    return [
        expectation.configuration.kwargs for expectation in suite(name).expectations
    ]


def path_of(name: str) -> Path:
    return FOLDER / f"{name.replace('.', '_', 1)}.py"


# --- every suite ---------------------------------------------------------------------


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_has_an_example_of_all_that_it_watches(name):
    watched = {kwargs["column"].removesuffix("__drift") for kwargs in kwargs_of(name)}
    assert watched == EXAMPLES.get(name, {}).keys()


@pytest.mark.parametrize("name", SUITES)
def test_a_good_table_passes_its_suite(name):
    found = judged(name, GOOD)
    assert len(found) == len(suite(name).expectations)
    assert [finding.sentence() for finding in found if not finding.is_success] == []
    assert "missing" not in {finding.observed for finding in found}


@pytest.mark.parametrize(("side", "bound"), [(LOW, "min_value"), (HIGH, "max_value")])
@pytest.mark.parametrize("name", SUITES)
def test_a_bad_table_fails_every_expectation_of_its_suite(name, side, bound):
    bounded = Counter(
        (kwargs["column"], expectations.bounds(kwargs))
        for kwargs in kwargs_of(name)
        if kwargs.get(bound) is not None
    )
    failed = Counter(
        (finding.metric, finding.expected)
        for finding in judged(name, side)
        if not finding.is_success
    )
    assert failed == bounded
    # And what the example calls bad has a bound.
    assert {metric.removesuffix("__drift") for metric, _ in failed} == {
        metric for metric, values in EXAMPLES[name].items() if values[side] is not None
    }


@pytest.mark.parametrize("name", SUITES)
def test_a_metric_that_the_profile_lacks_breaks_nothing(name):
    lacking = [each for each in of_an_empty_table(name) if each.metric != "row_count"]
    assert {finding.observed for finding in lacking} <= {"missing"}
    assert [finding.sentence() for finding in lacking if not finding.is_success] == []


@pytest.mark.parametrize("name", RAW)
def test_a_delivery_of_one_row_is_not_rejected(name):
    metrics = dict.fromkeys(EXAMPLES[name])
    metrics |= {"row_count": 1, "unparsed_share": 0, "gross_amount__mean": 5e9}
    assert validate(name, profile_of(name, metrics), []).blocks == []


@pytest.mark.parametrize("name", SUITES)
def test_only_what_no_firm_can_lack_may_not_be_empty(name):
    blocked = [
        finding.metric
        for finding in of_an_empty_table(name)
        if not finding.is_success and finding.severity == "critical"
    ]
    assert blocked == ["row_count"] * (name in NEVER_EMPTY)


@pytest.mark.parametrize("name", RAW)
def test_a_batch_half_unreadable_is_rejected(name):
    metrics = {"row_count": 10, "unparsed_share": 0.5}
    (block,) = validate(name, profile_of(name, metrics), []).blocks
    assert block.startswith("unparsed_share is 0.5, expected less than 0.5")


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_is_named_like_its_file_and_a_table_that_exists(name):
    schema, table = name.split(".")
    declared = {
        "raw": {feed.table for feed in feeds().values()},
        "quality": {path.stem for path in MARTS.glob("quality/*.sql")},
        "marts": {path.stem for path in MARTS.glob("*/*.sql")}
        - {path.stem for path in MARTS.glob("quality/*.sql")},
    }
    assert suite(name).name == name
    assert table in declared[schema]


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_names_only_metrics_that_its_table_has(name, tmp_path):
    metrics = empty_profile(name, tmp_path).metrics.keys()
    named = {kwargs["column"].removesuffix("__drift") for kwargs in kwargs_of(name)}
    assert named - metrics == set()


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_is_one_sentence_and_gives_the_reason_of_each_bound(name):
    notes = suite_notes()[name]
    assert notes.endswith(".") and "\n" not in notes and notes.count(". ") == 0
    reasons = [expectation.notes or "" for expectation in suite(name).expectations]
    assert [reason for reason in reasons if not reason.endswith(".")] == []


@pytest.mark.parametrize("name", SUITES)
def test_no_suite_repeats_a_row_rule(name):
    used = {expectation.expectation_type for expectation in suite(name).expectations}
    assert used & ROW_RULES == set()


@pytest.mark.parametrize("name", SUITES)
def test_no_suite_says_a_row_rule_by_the_extremes_or_nulls_of_a_column(name):
    """A bound on the least or greatest value, or no null at all, speaks of each row."""
    disguised = [
        kwargs["column"]
        for kwargs in kwargs_of(name)
        if kwargs["column"].endswith(("__min", "__max"))
        or (kwargs["column"].endswith("__null_share") and kwargs.get("max_value") == 0)
    ]
    assert disguised == []


@pytest.mark.parametrize("name", SUITES)
def test_only_the_few_hard_bounds_block_and_never_a_drift(name):
    blocking = [
        expectation.column
        for expectation in suite(name).expectations
        if expectation.severity.value == "critical"
    ]
    expected = HARD_BOUNDS.get(name, set()) | ({"unparsed_share"} & {*blocking})
    assert sorted(blocking) == sorted(expected)


def test_every_staged_feed_has_a_suite():
    staged = {
        path.stem.removeprefix("stg_").replace("__", "_", 1)
        for path in (PROJECT / "dbt_project/models/staging").glob("*/stg_*.sql")
        if not path.stem.endswith("_versions") and path.parent.name != "tierkeeper"
    }
    assert {f"raw.{table}" for table in staged} == set(RAW)


# --- drift ---------------------------------------------------------------------------


def orders(row_count: float) -> Profile:
    return profile_of("raw.shop_orders", {"row_count": row_count})


def test_drift_warns_and_does_not_block():
    result = validate("raw.shop_orders", orders(1000), [orders(100)] * 3)
    assert result.blocks == []
    assert [warning.split(",")[0] for warning in result.warns] == [
        "row_count__drift is 10"
    ]


def test_drift_needs_three_earlier_profiles_of_the_same_table():
    other = profile_of("raw.shop_order_lines", {"row_count": 100})
    earlier = [orders(100), orders(100), other]
    assert validate("raw.shop_orders", orders(1000), earlier).warns == []


def test_drift_is_the_metric_over_the_median_of_earlier_ones():
    row = orders(30).row([orders(1), orders(1000), orders(20)])
    assert row["row_count__drift"] == 1.5


def test_an_earlier_profile_without_the_metric_does_not_count():
    row = orders(30).row([orders(None), orders(20), orders(20)])
    assert row["row_count__drift"] is None


def test_nothing_drifts_from_a_usual_zero():
    assert orders(30).row([orders(0)] * 3)["row_count__drift"] is None


# --- a verdict -----------------------------------------------------------------------


def test_a_finding_says_what_was_found_what_was_expected_and_why():
    (block,) = validate("raw.shop_orders", orders(0), []).blocks
    assert block == (
        "row_count is 0, expected at least 1. An export without a row is a fault"
    )


def test_a_table_without_a_suite_has_nothing_to_fail():
    assert validate("raw.nobody_watches", orders(0), []).findings == []


def test_names_and_notes_are_read_without_loading_great_expectations():
    code = (
        "import sys, expectations\n"
        "print(len(expectations.suite_notes()), 'great_expectations' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True
    )
    assert run.stdout.split() == [str(len(SUITES)), "False"], run.stderr


def test_data_docs_name_each_suite_in_the_folder_that_was_asked_for(tmp_path):
    for cached in (expectations.context, expectations.batch_definition):
        cached.cache_clear()  # else every verdict of this module becomes a page
    expectations.definition.cache_clear()
    for folder, name in [("one", "raw.shop_orders"), ("two", "marts.orders")]:
        validate(name, example(name, GOOD), [])
        expectations.write_docs(tmp_path / folder)
        index = (tmp_path / folder / "index.html").read_text("utf-8")
        pages = (tmp_path / folder / "validations").rglob("*.html")
        assert name in index
        assert any("gross_amount__mean" in page.read_text("utf-8") for page in pages)


# --- profiles ------------------------------------------------------------------------


def column(name: str, kind: str, **more) -> Column:
    known = {"is_required": False, "is_personal": False, "code_list": None}
    return Column(name=name, type=kind, **(known | more))


def profile_of_lines(
    folder: Path, columns: list[Column], lines: list[tuple]
) -> Profile:
    """Profile lines of text; a line is its values and, last, what was unreadable."""
    folder /= "o'brien"  # a quote in a path is no end of a string
    folder.mkdir()
    names = [f'"{each.name}"' for each in columns]
    marks = ", ".join("?" for _ in (*names, "_unparsed_line"))
    feed = Feed("shop_orders", "shop", "orders", None, tuple(columns), True, False)
    with duckdb.connect() as connection:
        typed = ", ".join(f"{name} varchar" for name in (*names, "_unparsed_line"))
        connection.execute(f"create table lines ({typed})")
        connection.executemany(f"insert into lines values ({marks})", lines)
        batch = folder / "batch.parquet"
        quoted = str(batch).replace("'", "''")
        connection.execute(f"copy lines to '{quoted}' (format parquet)")
        connection.execute("set TimeZone = 'UTC'")
        return profile_of_batch(
            connection, feed, batch, file="f.csv", batch="b", profiled_at=NOW
        )


def empty_profile(name: str, folder: Path) -> Profile:
    """The profile of a suite's table as it is declared, without a row."""
    schema, table = name.split(".")
    with duckdb.connect() as connection:
        if schema == "raw":
            (feed,) = (feed for feed in feeds().values() if feed.table == table)
            names = [*(each.name for each in feed.columns), *PROVENANCE]
            typed = ", ".join(f'"{each}" varchar' for each in names)
            connection.execute(f"create table batch ({typed})")
            path = folder / "batch.parquet"
            connection.execute(f"copy batch to '{path}' (format parquet)")
            return profile_of_batch(
                connection, feed, path, file="", batch="", profiled_at=NOW
            )
        (path,) = MARTS.glob(f"*/{table}.yml")
        (model,) = yaml.safe_load(path.read_text("utf-8"))["models"]
        typed = ", ".join(
            f"{each['name']} {each['data_type']}" for each in model["columns"]
        )
        connection.execute(f"create schema {schema}")
        connection.execute(f"create table {name} ({typed})")
        return profile_of_table(connection, schema, table, batch="", profiled_at=NOW)


def test_the_profile_of_a_batch_is_what_one_works_out_by_hand(tmp_path):
    profile = profile_of_lines(
        tmp_path,
        [
            column("order_id", "text"),
            column("ordered_at", "timestamp"),
            column("status", "code", code_list="order_status"),
            column("currency", "code", code_list="currency"),
            column("gross_amount", "money"),
            column("is_gift", "boolean"),
        ],
        [
            ("A", "2026-06-30T01:00:00+08:00", "paid", "CNY", "10", "true", None),
            ("B", "2026-06-29T12:00:00Z", "paid", "USD", "20.5", "false", None),
            ("C", "2026-13-40", "lost", "CNY", "12,50", "true", None),
            (None, None, None, None, None, None, "D;half a li"),
        ],
    )
    metrics = profile.metrics
    assert (profile.table, profile.file, profile.batch) == (
        "raw.shop_orders",
        "f.csv",
        "b",
    )
    assert metrics["row_count"] == 4
    assert metrics["unparsed_share"] == 0.25
    assert metrics["order_id__null_share"] == 0.25
    # 2026-06-29 17:00 UTC: an offset is heeded, and a month 13 is no time.
    assert (
        metrics["ordered_at__newest"]
        == datetime.fromisoformat("2026-06-29T17:00:00+00:00").timestamp()
    )
    assert metrics["status__share__paid"] == 0.5
    assert metrics["status__share__cancelled"] == 0
    assert metrics["status__distinct_count"] == 2
    assert metrics["currency__distinct_count"] == 2
    assert metrics["gross_amount__null_share"] == 0.25  # delivered, if not a number
    assert metrics["gross_amount__mean"] == 15.25
    assert metrics["gross_amount__stddev"] == pytest.approx(7.4246212)
    assert (metrics["gross_amount__min"], metrics["gross_amount__max"]) == (10, 20.5)
    assert metrics["is_gift__mean"] == pytest.approx(2 / 3)
    # A list as long as that of currencies is profiled by its distinct count alone.
    assert "currency__share__CNY" not in metrics
    assert not {name for name in metrics if name.startswith(("order_id__d", "_"))}


def test_a_declared_column_that_was_not_delivered_has_no_metric(tmp_path):
    feed = Feed(
        "t", "s", "f", None, (column("a", "text"), column("b", "money")), False, False
    )
    with duckdb.connect() as connection:
        path = tmp_path / "batch.parquet"
        connection.execute(
            "copy (select 'x' as a, cast(null as varchar) as _unparsed_line) "
            f"to '{path}' (format parquet)"
        )
        profile = profile_of_batch(
            connection, feed, path, file="", batch="", profiled_at=NOW
        )
    assert profile.metrics == {
        "row_count": 1,
        "a__null_share": 0,
        "unparsed_share": 0,
    }


@pytest.mark.parametrize("garbage", ["inf", "nan", "1e300", "-infinity", "1e400"])
def test_a_number_that_staging_sets_aside_does_not_move_the_mean(tmp_path, garbage):
    metrics = profile_of_lines(
        tmp_path,
        [column("amount", "money"), column("score", "decimal")],
        [("3", "4", None), (garbage, garbage, None), ("5", "6", None)],
    ).metrics
    assert (metrics["amount__mean"], metrics["score__mean"]) == (4, 5)


def test_a_time_without_end_is_not_the_newest(tmp_path):
    metrics = profile_of_lines(
        tmp_path,
        [column("ordered_at", "timestamp"), column("paid_on", "date")],
        [("infinity", "infinity", None), ("1970-01-02", "1970-01-03", None)],
    ).metrics
    assert metrics["ordered_at__newest"] == 86_400
    assert metrics["paid_on__newest"] == 2 * 86_400


def test_a_profile_holds_nothing_of_a_personal_column_but_how_often_it_is_empty(
    tmp_path,
):
    kinds = ["text", "code", "key", "money", "date", "timestamp", "boolean"]
    profile = profile_of_lines(
        tmp_path,
        [
            column(f"c_{kind}", kind, is_personal=True, code_list="direction")
            for kind in kinds
        ],
        [("张三", "in", "K1", "1", "1990-01-01", "1990-01-01", "true", None)],
    )
    assert profile.metrics.keys() == {
        "row_count",
        "unparsed_share",
        *(f"c_{kind}__null_share" for kind in kinds),
    }
    assert {type(value) for value in profile.metrics.values()} == {float}


def test_the_profile_of_a_table_is_what_one_works_out_by_hand():
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute("""
            create table marts.orders as
            select
                *,
                cast(ordered_at as date) + 1 as ordered_on
            from (values
                ('k1', 'A*', 10.00, 1, true, timestamp '1970-01-02'),
                ('k2', null, 30.00, 2, false, null),
                ('k2', 'B*', null, 6, true, timestamp '1970-01-01')
            ) as orders (
                customer_key, customer_name_masked, net_amount, line_number, is_open,
                ordered_at
            )
        """)
        profile = profile_of_table(
            connection, "marts", "orders", batch="night", profiled_at=NOW
        )
    assert (profile.table, profile.file, profile.batch) == ("marts.orders", "", "night")
    assert profile.metrics == {
        "row_count": 3,
        "customer_key__null_share": 0,
        "customer_key__distinct_count": 2,
        "customer_name_masked__null_share": pytest.approx(1 / 3),
        "net_amount__null_share": pytest.approx(1 / 3),
        "net_amount__mean": 20,
        "net_amount__stddev": pytest.approx(200**0.5),
        "net_amount__min": 10,
        "net_amount__max": 30,
        "line_number__null_share": 0,
        "line_number__mean": 3,
        "line_number__stddev": pytest.approx(7**0.5),
        "line_number__min": 1,
        "line_number__max": 6,
        "is_open__null_share": 0,
        "is_open__mean": pytest.approx(2 / 3),
        "ordered_at__null_share": pytest.approx(1 / 3),
        "ordered_at__newest": 86_400,
        "ordered_on__null_share": pytest.approx(1 / 3),
        "ordered_on__newest": 2 * 86_400,
    }


def test_where_delivered_rows_are_counted_each_fate_has_its_share():
    with duckdb.connect() as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.row_conservation as select * from "
            "(values (90, 85, 5), (10, 5, 5)) as files "
            "(raw_count, staged_count, quarantined_count)"
        )
        metrics = profile_of_table(
            connection, "quality", "row_conservation", batch="", profiled_at=NOW
        ).metrics
    assert metrics["staged_count__share"] == 0.9
    assert metrics["quarantined_count__share"] == 0.1
    assert "raw_count__share" not in metrics

"""The benchmark says what it measures: stages add up, the picture is drawn right."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from datetime import date

import duckdb
import pytest

from benchmarks import (
    backtest,
    churn,
    company,
    nights,
    report,
    scale,
    scores,
    shipped,
    tiers,
)
from orchestration.settings import PROJECT
from scoring import history

NODES = [
    ("seed.tierkeeper.labels", 2.0, 3.0),
    ("model.tierkeeper.orders", 3.0, 7.0),
    ("test.tierkeeper.unique_orders", 5.0, 7.0),
    ("model.tierkeeper.customers", 8.0, 9.0),
]


def test_dbts_stages_count_each_instant_once():
    assert nights.dbt_stages(NODES, 0.5, 12.0) == {
        "dbt start": 1.5,
        "dbt seeds": 1.0,
        "dbt models": 2.0 + 1.0 + 1.0,  # half of the time beside the test
        "dbt tests": 1.0,
        "dbt between": 1.0,
        "dbt end and events": 3.0,
    }


def test_the_slowest_models_are_models_and_come_first():
    assert nights.slowest(NODES) == {"orders": 4.0, "customers": 1.0}


def read_by(model: str, paths: dict) -> set[str]:
    """A model and all that it is built from."""
    found, unread = set(), {model}
    while unread:
        found |= unread
        unread = {
            parent
            for name in unread & paths.keys()
            for parent in re.findall(r"ref\('(\w+)'\)", paths[name].read_text("utf-8"))
        } - found
    return found


def test_the_fit_of_the_shipped_scores_builds_all_that_it_reads():
    models = PROJECT / "dbt_project" / "models"
    paths = {path.stem: path for path in models.rglob("*.sql")}
    built = set()
    for selected in shipped.MODELS:
        if selected.startswith("+"):
            built |= read_by(selected.removeprefix("+"), paths)
    read = re.findall(r"intermediate\.(\w+)", history.BUYERS + history.EXAMPLES)
    assert len(set(read)) == 3
    assert set(read) <= built


def test_memory_is_that_of_the_whole_tree():
    child = "import time; held = bytearray(200_000_000); time.sleep(1)"
    parent = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    )
    seconds, peak = nights.timed([sys.executable, "-c", parent], {})
    assert 1 <= seconds < 30
    assert 190 <= peak < 400  # 200,000,000 bytes are 190 of 1024 × 1024


def test_a_command_that_fails_fails_with_its_own_words():
    command = [sys.executable, "-c", "import sys; sys.exit('the file is cut off')"]
    with pytest.raises(nights.Failed, match="the file is cut off"):
        nights.timed(command, {})


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "thesis.txt").write_text("years of work")
    with pytest.raises(scale.Unusable):
        scale.run("s", 50, tmp_path)
    assert (tmp_path / "work" / "thesis.txt").exists()


def test_a_delivery_is_the_files_of_its_days(tmp_path):
    folder = tmp_path / "company" / "landing" / "shop" / "orders"
    folder.mkdir(parents=True)
    for day in (12, 13, 14):
        (folder / f"orders_2026-07-{day}.csv").write_text(str(day))
    (folder / "orders_2026-07-12_part2.csv").write_text("12, too")
    landing = tmp_path / "landing"
    company.deliver(tmp_path / "company", landing, [date(2026, 7, 12)])
    assert sorted(path.name for path in landing.glob("shop/orders/*")) == [
        "orders_2026-07-12.csv",
        "orders_2026-07-12_part2.csv",
    ]


def test_who_is_merged_were_two_customers_of_one_record_each(tmp_path):
    database = tmp_path / "tierkeeper.duckdb"
    with duckdb.connect(str(database)) as published:
        published.execute("create schema marts")
        published.execute("""
            create table marts.customer_identities as
            from (values
                ('crm', 'C1', 'a'), ('shop', 'S1', 'a'),
                ('crm', 'C2', 'b'), ('shop', 'S2', 'c'), ('crm', 'C0', 'd')
            ) as records (namespace, record_id, customer_key)
        """)
        # C0 is known by a call only, so the CRM has no row of it to export again.
        published.execute("""
            create table marts.customers as
            from (values
                ('a', false, 5), ('b', false, 0), ('c', true, 2), ('d', true, 0)
            ) as customers (customer_key, is_inferred, order_count)
        """)
    assert company.chosen(database) == ("C2", "S2", "S1")


@pytest.fixture
def results() -> list[dict]:
    """Two sizes: ten times the orders take twice the seconds."""

    def result(name: str, times: int) -> dict:
        step = {
            "seconds": 20.0 * times,
            "peak_megabytes": 500,
            "new_rows": 7,
            "orders": 5_000 if times == 1 else 50_000,
            "raw_rows": 100,
            "floor_seconds": 4.0,
            "floor_peak_megabytes": 90,
            "ratio": 5.0 * times,
            "models_ratio": 1.5,
            "stages": {"landing": 1.0, "rest": 2.0, "unheard of": 3.0},
            "slowest_models": {"orders": 1.5},
            "floor_of_slowest_models": {"orders": 1.25},
        }
        named = (scale.FULL, scale.NEW, scale.NOTHING, scale.LATE)
        return {
            "name": name,
            "measured_at": "2026-07-15 10:00 UTC",
            "machine": scale.machine(),
            "settings": {"threads": 2, "memory_limit": "1GB"},
            "steps": [step | {"step": one} for one in named],
        }

    return [result("500", 1), result("s", 2)]


def test_growth_is_told_beside_that_of_the_orders(results):
    assert report.growth(results).splitlines()[-1] == (
        "| 500 | s | × 10.0 | × 2.0 | × 1.0 | × 2.0 | × 1.0 |"
    )


def test_a_stage_that_nobody_foresaw_stands_before_the_rest(results):
    lines = report.told(results[0]).splitlines()
    told = [line.split("  ")[0] for line in lines]
    at = [told.index(stage) for stage in ("landing", "unheard of", "rest")]
    assert at == sorted(at)


def test_in_the_picture_the_linear_line_climbs_a_decade_by_decade(results):
    root = ElementTree.fromstring(report.drawn(results))
    space = "{http://www.w3.org/2000/svg}"
    lines = [
        line
        for line in root.iter(f"{space}polyline")
        if line.get("stroke-dasharray") and line.get("stroke") == "#444"
    ]
    assert len(lines) == 2
    grid = [line for line in root.iter(f"{space}polyline") if line not in lines]

    def ends(line) -> list[tuple[float, float]]:
        pairs = [point.split(",") for point in line.get("points").split()]
        return [(float(x), float(y)) for x, y in pairs]

    upright = sorted(
        {
            ends(line)[0][0]
            for line in grid
            if line.get("stroke") == "#ddd" and ends(line)[0][0] == ends(line)[1][0]
        }
    )
    level = sorted(
        {
            ends(line)[0][1]
            for line in grid
            if line.get("stroke") == "#ddd" and ends(line)[0][1] == ends(line)[1][1]
        }
    )
    decade_x, decade_y = upright[1] - upright[0], level[1] - level[0]
    (x1, y1), (x2, y2) = ends(lines[0])
    assert (y1 - y2) / (x2 - x1) == pytest.approx(decade_y / decade_x, rel=0.01)


def test_the_report_keeps_results_of_other_sizes(results, tmp_path, monkeypatch):
    docs = tmp_path / "docs"
    docs.mkdir()
    monkeypatch.setattr(report, "DOCS", docs)
    page = docs / "benchmarks.md"
    page.write_text(f"Before.\n{report.BEGIN}\nold\n{report.END}\nAfter.\n")
    for result in results:
        folder = tmp_path / "bench" / "one"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / scale.RESULT).write_text(report.json.dumps(result))
        report.write(tmp_path / "bench")
    told = page.read_text()
    assert told.startswith("Before.") and told.endswith("After.\n")
    assert "### 500: 5,000 orders" in told and "### s: 50,000 orders" in told
    assert "old" not in told


@pytest.mark.parametrize("policies", tiers.POLICIES)
def test_each_invented_customer_has_a_tier_at_each_evaluation(policies):
    found = tiers.measure(200, 24, "1GB", policies)
    assert [model["model"] for model in found["models"]] == list(tiers.MODELS)
    assert (found["rated_customers"], found["live_rows"]) == (200, 200 * 24)
    rows = {model["model"]: model["rows"] for model in found["models"]}
    scenarios = 2 if policies == "all" else 1
    assert rows["int_tiers__decided"] == scenarios * 200 * 24
    assert (rows["int_tier_criteria__counted"] > 0) == (policies != "live")


def test_each_invented_customer_has_a_score():
    found = scores.measure(200, "1GB")
    assert (found["customers"], found["scored"]) == (200, 200)


MARCH, FEBRUARY = "2026-03-31", "2026-02-28"
LOOKED_BACK = [  # day, ranking, is_naive, segment, metric, value, lower, upper, n, lost
    (MARCH, "served", False, "all", "auc", 0.75, 0.5, 1, 1_000, 300),
    (FEBRUARY, "served", False, "all", "auc", 0.875, 0.75, 1, 500, 150),
    (MARCH, "served", False, "tier", "auc", 0.1, 0.1, 0.1, 10, 5),
    (MARCH, "served", False, "all", "precision", 0.5, None, None, 1_000, 300),
    (FEBRUARY, "served", False, "all", "precision", 0.25, None, None, 500, 150),
    (MARCH, "served", False, "all", "top_lift", 3, None, None, 1_000, 300),
    (MARCH, "served", False, "all", "brier_score", 0.125, None, None, 1_000, 300),
    (MARCH, "recency", True, "all", "auc", 0.5, 0.25, 0.75, 1_000, 300),
    # Only one left, so nobody knows how far it may be off: anything from 0 to 1.
    (FEBRUARY, "recency", True, "all", "auc", 0.5, None, None, 500, 1),
    (MARCH, "recency", True, "all", "auc_gain", 0.25, -0.25, 0.75, 1_000, 300),
    # Of them who left is known, of nobody who stayed.
    (MARCH, "value", True, "all", "recall", 0.75, None, None, 1_000, 300),
]


@pytest.fixture
def looked_back():
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.churn_backtest (evaluation_date date, "
            "ranking_code varchar, is_naive boolean, segment_kind varchar, "
            "metric_code varchar, metric_value double, metric_lower double, "
            "metric_upper double, customer_count bigint, lost_count bigint, "
            "ranking_en varchar default 'A', horizon_days integer default 90, "
            "model_version varchar default 'own-1')"
        )
        yield connection


def test_a_backtest_is_told_by_ranking_as_means_of_its_month_ends(looked_back):
    looked_back.executemany(
        "insert into marts.churn_backtest values "
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, default, default, default)",
        LOOKED_BACK,
    )
    about, _, head, line, *rest = backtest.told(looked_back).splitlines()
    rows = rest[: rest.index("")]
    assert about == (
        "Month ends from 2026-02-28 to 2026-03-31 (2), 500 to 1,000 customers each; "
        "30 % of all bought nothing in the 90 days after. Models that served: own-1."
    )
    assert rows == [
        "| A | 0.812 [0.625, 1.000] | +0.312 | – | 0.38 | – | – | – | – | 3.00 | – | – "
        "| 0.1250 | 1,500 | 2 |",
        "| A | 0.500 [0.125, 0.875] | +0.000 | +0.250 [-0.250, +0.750] | – | – | – | – "
        "| – | – | – | – | – | 1,500 | 2 |",
        "| A | – | – | – | – | – | 0.75 | – | – | – | – | – | – | 1,000 | 1 |",
    ]
    assert head.count("|") == line.count("|") == rows[0].count("|")


def test_a_backtest_of_nothing_says_so(looked_back):
    assert backtest.told(looked_back).startswith("Nothing to look back at: on no month")


def test_churn_of_a_landing_folder_is_its_backtest_beside_its_data(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("LANDING_DIR", str(tmp_path / "ours"))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["churn"])
    monkeypatch.setattr(
        backtest, "look", lambda settings: f"of {settings.landing_dir.name}"
    )
    churn.main()
    page = tmp_path / "churn.md"
    assert page.read_text("utf-8") == "# ours\n\nof ours\n"
    assert capsys.readouterr().out == f"of ours\n\n{page}\n"

"""Dagster's side: the definitions hold together, and the guards stop a bad night."""

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from nights import SMALL, run

import expectations
from orchestration import (
    definitions,
    events,
    landing,
    nightly,
    publishing,
    quality,
    transform,
)
from orchestration.contracts import feeds
from orchestration.settings import PROJECT, from_environment


@pytest.fixture(scope="module")
def platform(parsed):
    return definitions.build(parsed)


@pytest.fixture(scope="module")
def checks(platform):
    graph = platform.resolve_asset_graph()
    return {key: graph.get(key) for key in graph.asset_check_keys}


def test_definitions_load_with_a_schedule_and_a_sensor(platform):
    dg.Definitions.validate_loadable(platform)
    repository = platform.get_repository_def()
    assert repository.has_schedule_def("every_night")
    assert repository.has_sensor_def("new_files")


def test_checks_are_one_per_tested_model_and_one_per_suite_and_no_more(parsed, checks):
    manifest = transform.manifest(parsed)
    tested = {
        transform.keys_by_node(manifest)[node]
        for node in transform.tests_by_node(manifest).values()
    }
    expected = {dg.AssetCheckKey(key, transform.CHECK) for key in tested} | {
        dg.AssetCheckKey(dg.AssetKey(name.split(".")), quality.CHECK)
        for name in expectations.suite_notes()
    }
    assert set(checks) == expected
    assert len(expected) > 40


def test_a_raw_suite_blocks_only_where_feeds_csv_requires_the_feed(checks):
    required = {feed.table for feed in feeds().values() if feed.is_required}
    for name in quality.suites("raw"):
        check = checks[dg.AssetCheckKey(dg.AssetKey(name.split(".")), quality.CHECK)]
        assert check.blocking == (name.split(".")[1] in required), name


def test_every_mart_check_blocks_publishing(checks):
    for name in quality.suites("marts"):
        key = dg.AssetCheckKey(dg.AssetKey(name.split(".")), quality.CHECK)
        assert checks[key].blocking, name


def test_publishing_waits_for_every_mart(platform, parsed):
    graph = platform.resolve_asset_graph()
    marts = {
        key
        for key in transform.keys_by_node(transform.manifest(parsed)).values()
        if key.path[0] in publishing.SCHEMAS
    }
    assert marts <= graph.get(dg.AssetKey("published")).parent_keys


def test_loading_the_definitions_does_not_load_great_expectations(parsed):
    code = (
        "import sys; from orchestration import definitions; "
        "definitions.build(definitions.from_environment()); "
        "print('great_expectations' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={"DATA_DIR": str(parsed.data_dir), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "False", done.stderr


def test_the_sensor_asks_for_a_run_when_a_new_folder_has_come_to_rest(
    parsed, monkeypatch
):
    sensor = definitions.build(
        from_environment({"DATA_DIR": str(parsed.data_dir), "LANDING_DIR": str(SMALL)})
    ).get_sensor_def("new_files")
    monkeypatch.setattr("orchestration.schedules.QUIET_SECONDS", -(10**9))
    context = dg.build_sensor_context()
    assert isinstance(sensor(context), dg.RunRequest)
    assert sensor(dg.build_sensor_context(cursor=context.cursor)).skip_message == (
        "No file is new."
    )


@dg.op
def nothing() -> None:
    return None


@dg.job
def idle() -> None:
    nothing()


def test_events_are_kept_once_in_the_home_that_is_opened(settings, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", "/another/home")
    nightly.home(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        run_id = idle.execute_in_process(instance=instance).run_id
        (step,) = instance.get_run_step_stats(run_id)
        assert step.step_key == "nothing"
        assert (settings.dagster_home / "history" / "runs" / f"{run_id}.db").exists()
        # Of each file the statements are compiled once, and each is opened once.
        engines = instance.event_log_storage._engines
        assert set(engines) == {run_id, "index"}
        for engine in engines.values():
            assert engine.raw_connection().driver_connection is (
                engine.raw_connection().driver_connection
            )
        for number in range(12):
            assert instance.all_logs(f"another_{number}") == []
        assert len(engines) == 1 + events.MOST_RUNS_OPEN and "index" in engines
        assert len(instance.all_logs(run_id)) > 5
        instance.wipe()
        assert instance.all_logs(run_id) == []


# --- nights that go wrong ------------------------------------------------------------


@pytest.fixture(scope="module")
def published_company(tmp_path_factory):
    """A tiny landing of one required feed, published once."""
    folder = tmp_path_factory.mktemp("company")
    orders = folder / "landing" / "shop" / "orders"
    orders.mkdir(parents=True)
    (orders / "orders_2026-06-29.csv").write_text(
        "order_id,source_customer_id,ordered_at,currency,gross_amount\n"
        "1,S1,2026-06-01 10:00,CNY,100\n"
        "2,S2,2026-06-02 10:00,CNY,200\n"
    )
    night = run(folder / "landing", folder / "data")
    assert night.code == 0, night.output
    return folder, shutil.copytree(folder, f"{folder}_kept", symlinks=True)


@pytest.fixture
def company(published_company):
    """It to do bad things to, as it was published; (landing, data).

    In one place for all, for dbt reads the project anew for every other DATA_DIR.
    """
    folder, kept = published_company
    shutil.rmtree(folder)
    shutil.copytree(kept, folder, symlinks=True)
    return folder / "landing", folder / "data"


def write(inbox: Path, day: str, text: str) -> None:
    (inbox / "shop" / "orders" / f"orders_{day}.csv").write_text(text)


@pytest.mark.long
def test_a_bad_landing_stops_before_dbt_and_a_mended_one_goes_on(company):
    inbox, data = company
    write(inbox, "2026-06-30", "order_id,currency,gross_amount\n3,CNY,300\n")
    stopped = run(inbox, data)
    assert stopped.code == 1
    assert "orders_2026-06-30.csv" in stopped.output
    assert "ordered_at" in stopped.output
    assert "Traceback" not in stopped.output
    assert "dbt:" not in stopped.output
    assert stopped.one(
        "select as_of_date::varchar, count(*) over () from quality.runs"
    ) == (
        "2026-06-29",
        1,
    )
    write(
        inbox,
        "2026-06-30",
        "order_id,source_customer_id,ordered_at,currency,gross_amount\n"
        "3,S1,2026-06-30 10:00,CNY,300\n",
    )
    mended = run(inbox, data)
    assert mended.code == 0, mended.output
    assert mended.one("select count(*) from marts.orders") == (3,)
    assert mended.query("select status from quality.runs order by started_at") == [
        ("published",),
        ("failed",),
        ("published",),
    ]


@pytest.mark.long
def test_a_mart_that_fails_its_suite_is_not_published(company):
    inbox, data = company
    rows = "".join(f"b{n},S1,yesterday,CNY,1\n" for n in range(20))
    write(
        inbox,
        "2026-06-30",
        "order_id,source_customer_id,ordered_at,currency,gross_amount\n" + rows,
    )
    stopped = run(inbox, data)
    assert stopped.code == 1
    assert "quality.row_conservation failed its check expectations" in stopped.output
    assert stopped.one("select count(*) from quality.quarantined_rows") == (0,)
    with duckdb.connect(str(stopped.settings.marts), read_only=True) as build:
        assert build.sql(
            "select count(*) from quality.quarantined_rows"
        ).fetchone() == (20,)


@pytest.mark.long
def test_a_failed_dbt_test_stops_the_night_and_is_named(company):
    inbox, data = company
    for file in (data / "build").glob("*.*"):
        file.unlink()
    bad = data / "raw" / "tierkeeper" / "files"
    # A ledger that counts a row more than came: a row would have been lost.
    with duckdb.connect() as connection:
        for path in bad.glob("2*.parquet"):
            connection.execute(
                f"copy (select * replace (row_count + 1 as row_count) from '{path}') "
                f"to '{path}' (format parquet)"
            )
    stopped = run(inbox, data)
    assert stopped.code == 1
    assert "quality.row_conservation failed its check dbt_tests" in stopped.output
    # The orders, and the ledger of decisions that the first night wrote.
    assert "2 rows break" in stopped.output
    assert stopped.one("select count(*) from marts.orders") == (2,)


@pytest.mark.long
def test_a_second_process_waits_its_turn_with_one_sentence(company):
    inbox, data = company
    with (data / "night.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stopped = run(inbox, data)
    assert stopped.code == 1
    assert "Another night works in" in stopped.output


@pytest.mark.long
def test_an_unfinished_snapshot_is_never_seen(company, monkeypatch):
    inbox, data = company
    here = from_environment({"LANDING_DIR": str(inbox), "DATA_DIR": str(data)})
    before = here.published.resolve()

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr(publishing, "write_parquet", broken)
    with pytest.raises(OSError, match="disk full"):
        publishing.publish(here, "run", landing.datetime(2026, 7, 1))
    assert here.published.resolve() == before
    assert publishing.history(here) == [before]
    assert not list(here.snapshots.glob(".coming*"))


@pytest.mark.long
def test_old_snapshots_go_and_the_published_one_stays(company, monkeypatch):
    inbox, data = company
    here = from_environment(
        {"LANDING_DIR": str(inbox), "DATA_DIR": str(data), "SNAPSHOTS_KEPT": "2"}
    )
    first = here.published.resolve()
    for hour in (1, 2, 3):
        publishing.publish(here, f"run{hour}", landing.datetime(2026, 7, 1, hour))
    assert len(publishing.history(here)) == 2
    assert not first.exists()
    assert here.published.resolve() == publishing.history(here)[-1]
    assert publishing.rollback(here) == publishing.history(here)[0]
    publishing.prune(here)
    assert here.published.resolve() == publishing.history(here)[0]


def test_a_night_is_stopped_by_a_model_or_test_of_which_nothing_was_heard():
    keys = {"model.t.orders": None, "seed.t.labels": None}
    owners = {"test.t.unique_orders.1": "model.t.orders"}
    heard = [
        {"unique_id": "model.t.orders", "status": "success"},
        {"unique_id": "seed.t.labels", "status": "success"},
        {"unique_id": "test.t.unique_orders.1", "status": "pass"},
    ]
    assert transform.unheard(heard, keys, owners) == []
    assert transform.unheard(heard[:2], keys, owners) == ["unique_orders"]
    left_out = [heard[0] | {"status": "skipped"}, *heard[1:]]
    assert transform.unheard(left_out, keys, owners) == ["orders"]


def test_where_memory_was_short_the_night_says_which_setting_to_raise():
    short = {
        "unique_id": "model.t.int_tiers__decided",
        "status": "error",
        "message": "Runtime Error in model int_tiers__decided (a.sql)\n"
        "  Out of Memory Error: failed to pin block of size 256.0 KiB\n\n"
        "  Possible solutions:\n",
        "failures": None,
    }
    other = {
        "unique_id": "test.t.unique_orders.1",
        "status": "fail",
        "message": "Got 2 results, configured to fail if != 0",
        "failures": 2,
    }
    assert transform.stopped([other], "1GB") == (
        "dbt stopped the night:\nunique_orders: 2 rows break it"
    )
    told = transform.stopped([short, other], "1GB").splitlines()
    assert told[1].startswith("int_tiers__decided: Runtime Error")
    assert told[3:] == ["MEMORY_LIMIT is 1GB, too little for so many rows: set more."]

"""A night builds where anything is new, and anew where what was there cannot stand."""

from datetime import date

import duckdb
import pytest

from orchestration import inputs
from orchestration.settings import from_environment


def batch(settings, name):
    path = settings.raw / "shop" / "orders" / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def publish(settings, as_of_date=date(2026, 6, 30)):
    """A published snapshot of that day, with what it was made from beside it."""
    settings.published.mkdir(parents=True, exist_ok=True)
    database = settings.published / "tierkeeper.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as published:
        published.execute("create schema quality")
        published.execute(
            "create table quality.runs as select cast(? as date) as as_of_date, "
            "timestamp '2026-07-01' as finished_at",
            [as_of_date],
        )
    inputs.keep_published(settings, settings.published, database)


@pytest.fixture
def built(settings):
    """An installation with a build and a snapshot of all there is."""
    batch(settings, "a")
    settings.warehouse.parent.mkdir(parents=True)
    settings.warehouse.write_bytes(b"")
    settings.marts.write_bytes(b"")
    inputs.keep_build(settings.warehouse.parent, inputs.published_from(settings))
    publish(settings)
    return settings


def begins_anew(settings):
    return inputs.begins_anew(settings, settings.warehouse.parent)


def other(settings, **environment):
    return from_environment(
        {
            "LANDING_DIR": str(settings.landing_dir),
            "DATA_DIR": str(settings.data_dir),
            **environment,
        }
    )


def test_where_nothing_is_new_the_published_snapshot_stands(built):
    assert inputs.is_published(built)
    assert not begins_anew(built)


def test_before_a_first_build_nothing_stands(settings):
    assert not inputs.is_published(settings)
    assert begins_anew(settings)


@pytest.mark.parametrize("file", ["warehouse", "marts"])
def test_who_takes_the_build_away_gets_another(built, file):
    getattr(built, file).unlink()
    assert not inputs.is_published(built)


def test_a_new_batch_is_built_upon_what_is_there(built):
    batch(built, "b")
    assert not inputs.is_published(built)
    assert not begins_anew(built)


def test_a_batch_taken_away_makes_all_begin_anew(built):
    batch(built, "a").unlink()
    assert not inputs.is_published(built)
    assert begins_anew(built)


@pytest.mark.parametrize(
    "setting",
    [
        {"BUSINESS_TIMEZONE": "Europe/London"},
        {"BASE_CURRENCY": "EUR"},
        {"PSEUDONYM_KEY": "another"},
    ],
    ids=str,
)
def test_a_setting_that_rows_were_typed_by_makes_all_begin_anew(built, setting):
    assert begins_anew(other(built, **setting))
    assert not inputs.is_published(other(built, **setting))


@pytest.mark.parametrize(
    "setting", [{"AS_OF_DATE": "2026-05-31"}, {"HISTORY_FROM": "2025-01-31"}], ids=str
)
def test_another_day_is_built_upon_what_is_there(built, setting):
    assert not begins_anew(other(built, **setting))
    assert not inputs.is_published(other(built, **setting))


def test_a_changed_list_model_or_library_makes_all_begin_anew(
    built, monkeypatch, tmp_path
):
    changed = tmp_path / "labels.csv"
    changed.write_text("list_code,code\n")
    (tmp_path / "requirements.lock").write_text("")
    monkeypatch.setattr(inputs, "PROJECT", tmp_path)
    monkeypatch.setattr(inputs, "models", lambda: [changed])
    inputs.keep_build(built.warehouse.parent, inputs.published_from(built))
    publish(built)
    assert not begins_anew(built)
    changed.write_text("list_code,code\ntier,gold\n")
    assert begins_anew(built)
    assert not inputs.is_published(built)


def test_the_models_are_known_by_every_file_that_dbt_reads():
    read = {path.name for path in inputs.models()}
    assert {"dbt_project.yml", "as_of.sql", "labels.csv", "orders.yml"} <= read


def test_a_changed_audit_or_page_is_published_again_without_building_anew(
    built, monkeypatch
):
    monkeypatch.setattr(inputs, "CODE", ("page",))
    assert not inputs.is_published(built)
    assert not begins_anew(built)


def test_what_came_while_a_night_was_building_is_new_to_the_next_one(built):
    before = inputs.published_from(built)
    batch(built, "came meanwhile")
    inputs.keep_build(built.warehouse.parent, before)
    publish(built)
    assert not inputs.is_published(built)


def test_a_nights_own_decisions_are_nothing_new(built):
    decided = built.raw / "tierkeeper" / "decisions" / "d.parquet"
    decided.parent.mkdir(parents=True)
    decided.write_bytes(b"")
    assert not inputs.is_published(built)
    publish(built)
    assert inputs.is_published(built)


def test_a_day_that_yesterday_bounds_is_another_one_tomorrow(built, monkeypatch):
    publish(built, as_of_date=built.latest_allowed_date())
    assert inputs.is_published(built)
    monkeypatch.setattr(
        type(built), "latest_allowed_date", lambda self: date(2999, 1, 1)
    )
    assert not inputs.is_published(built)


def test_a_day_that_was_asked_for_is_the_same_tomorrow(built, monkeypatch):
    asked = other(built, AS_OF_DATE="2026-06-30")
    inputs.keep_build(asked.warehouse.parent, inputs.published_from(asked))
    publish(asked)
    monkeypatch.setattr(
        type(built), "latest_allowed_date", lambda self: date(2999, 1, 1)
    )
    assert inputs.is_published(asked)

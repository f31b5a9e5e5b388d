"""Nightly is rebuild: what grew night by night is what a full build makes of raw."""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import companies
import duckdb
import pytest
from companies import Arrival, Builder, Coming, Piece, Warehouse
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmarks import bare
from orchestration.contracts import feeds
from orchestration.settings import DBT_PROJECT

DAYS = (date(2026, 5, 12), date(2026, 6, 29), date(2026, 6, 30))
REAL_NIGHTS = 2
# Sales of the first have no key, so none is corrected; of the others no company tells
# of a day that could be moved.
NEVER_MOVED = {
    "online_retail_sales",
    "crm_erasure_requests",
    "crm_identity_decisions",
    "crm_staff",
    "tierkeeper_link_weights",
    "tierkeeper_links",
    "tierkeeper_models",
}
# As a night builds, but for the tests of rows.
BUILD = ("build", "--exclude-resource-types", "test", "unit_test")


def of_a_day(column: str, kind: str) -> bool:
    return kind in ("date", "timestamp") and column != "updated_at"


@given(st.data())
def test_after_any_nights_a_full_refresh_changes_no_cell(builder, data):
    company = builder.company(data.draw(st.sampled_from(["generated", "by_hand"])))
    arrival = data.draw(companies.arrivals(company, nights=3))
    assume(arrival.last)
    # The day that is asked for goes on, and back.
    days = [data.draw(st.sampled_from(DAYS)) for _ in range(arrival.last + 1)]
    with TemporaryDirectory() as folder:
        settings = companies.installation(Path(folder))
        warehouse = builder.warehouse(settings)
        for night, day in enumerate(days):
            settings = companies.at(settings, as_of_date=day)
            companies.deliver(company, arrival, night, settings.landing_dir)
            if companies.land(settings, night) is None:
                continue
            warehouse.build()
            fresh = companies.full_answer(
                builder.project, settings, Path(folder) / "fresh.duckdb"
            )
            found = companies.differences(warehouse, fresh)
            if found:
                pytest.fail(
                    "\n".join([f"Night {night}:", *found, arrival.told(company)]),
                    pytrace=False,
                )
        warehouse.close()


@pytest.mark.long
@pytest.mark.parametrize("table", sorted(feed.table for feed in feeds().values()))
def test_the_other_half_of_a_feed_may_come_a_night_later(builder, table):
    """Then nothing but this feed tells the models which evaluations it touches."""
    company = builder.company("generated")
    expected = builder.at_once(company, DAYS[-1])
    warehouse = builder.warehouse(companies.at(company.settings, as_of_date=DAYS[-1]))
    warehouse.prepare()
    half = f"select * from raw.{table} where _row_number % 2 = "
    warehouse.connection.execute(
        f"create temp table rest as select * replace (_batch || ' late' as _batch) "
        f"from ({half} 1)"
    )
    warehouse.replace_raw({table: f"{half} 0"})
    warehouse.run_models()
    warehouse.replace_raw({table: f"from raw.{table} union all by name from rest"})
    warehouse.run_models()
    # The ledger of files knows no such batch, so of `quality` nothing is compared.
    found = companies.differences(warehouse, expected, schemas=("marts",))
    warehouse.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(
            feed.table,
            marks=() if feed.table == "crm_customers" else pytest.mark.long,
        )
        for feed in sorted(feeds().values(), key=lambda feed: feed.table)
        if any(of_a_day(column.name, column.type) for column in feed.columns)
        and feed.table not in NEVER_MOVED
    ],
)
def test_what_is_told_of_another_day_of_the_same_month_is_built_anew(builder, table):
    """Nothing else changes that an evaluation could tell it by."""
    moved = with_days_moved(table, companies.contracts(builder.project)[table])
    warehouse = next(having_rows(builder, moved), None)
    assert warehouse, f"no company tells of a day in {table} that could be moved"
    warehouse.run_models()
    warehouse.prepare()
    warehouse.replace_raw({table: moved})
    warehouse.run_models()
    with TemporaryDirectory() as folder:
        nightly = warehouse.keep(Path(folder) / "nightly.duckdb")
        warehouse.run_models(full=True)
        # The ledger of files knows no such batch, so of `quality` nothing is compared.
        found = companies.differences(warehouse, nightly, schemas=("marts",))
    warehouse.close()
    assert not found, "\n".join(found)


def having_rows(builder: Builder, moved: str) -> Iterator[Warehouse]:
    """Of each company that has rows to be moved, with nothing built yet."""
    for name in ("generated", "by_hand", "contractors"):
        settings = builder.company(name).settings
        warehouse = builder.warehouse(companies.at(settings, as_of_date=DAYS[-1]))
        warehouse.prepare()
        found = f"select count(*) from ({moved}) where _batch = 'moved'"
        if warehouse.connection.execute(found).fetchone() > (0,):
            yield warehouse
        else:
            warehouse.close()


def with_days_moved(table: str, contract: dict) -> str:
    """Its rows, and a later version of each that tells of days well within a month.

    Those are told as of one to three days later, in the same month of this year.
    """
    days = {
        column["name"]: f"try_cast(left({column['name']}, 10) as date)"
        for column in contract["columns"]
        if of_a_day(column["name"], column["type"])
    }
    keys = ", ".join(contract["key"])
    moved = [
        f"case when {within_a_month(day)} then cast({day} + 1 "
        f"+ cast(hash({keys}, '{name}') % 3 as integer) as varchar) "
        f"|| substr({name}, 11) else {name} end as {name}"
        for name, day in days.items()
    ]
    if any(column["name"] == "updated_at" for column in contract["columns"]):
        moved.append("'2026-06-30T12:00:00+08:00' as updated_at")
    return f"""
        from raw.{table}
        union all by name
        select * replace (
            {", ".join(moved)},
            timestamp '2026-06-30 15:00:00' as _exported_at,
            'moved' as _batch,
            'moved.csv' as _file,
            row_number() over (order by _batch, _row_number) as _row_number
        )
        from raw.{table}
        where {" or ".join(within_a_month(day) for day in days.values())}
    """


def within_a_month(day: str) -> str:
    return (
        f"coalesce({day} between date '2026-01-01' and date '2026-06-24' "
        f"and day({day}) between 3 and 24, false)"
    )


def test_what_came_to_pass_before_the_first_order_counts_when_it_did(builder, tmp_path):
    """Where there is no shop at all, as where the history begins before its orders."""
    company = builder.company("contractors")
    settings = companies.at(company.settings, as_of_date=date(2025, 7, 31))
    warehouse = builder.warehouse(settings).build()
    warehouse.settings = companies.at(settings, as_of_date=DAYS[-1])
    nightly = warehouse.build().keep(tmp_path / "nightly.duckdb")
    points = warehouse.connection.execute(
        "select evaluation_date >= '2025-08-31', count(distinct payment_points) "
        "from intermediate.int_tier_criteria__scored where scenario = 'balanced' "
        "group by 1 order by 1"
    ).fetchall()
    # The first invoices were due in August.
    assert points == [(False, 1), (True, 2)]
    warehouse.run_models(full=True)
    found = companies.differences(warehouse, nightly)
    warehouse.close()
    assert not found, "\n".join(found)


def test_a_night_evaluates_from_the_first_month_that_it_touches(builder):
    """Told by rows that no night would write: where they stand, nothing was built."""
    company = builder.company("by_hand")
    settings = companies.at(company.settings, as_of_date=date(2026, 6, 29))
    warehouse = builder.warehouse(settings).build()
    spoil(warehouse)
    warehouse.settings = companies.at(settings, as_of_date=date(2026, 6, 30))
    warehouse.build()
    # A day on, June is evaluated in place of a preview, and May is the newest no more.
    assert evaluated(warehouse) == [date(2026, 5, 31), date(2026, 6, 30)]
    spoil(warehouse)
    warehouse.prepare()
    warehouse.replace_raw({"shop_orders": WITH_LATE_ORDER})
    warehouse.run_models()
    assert evaluated(warehouse) == [
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
        date(2026, 6, 30),
    ]
    warehouse.close()


# Another order of a customer who has one, of March, in a file of its own.
WITH_LATE_ORDER = """
    select * from raw.shop_orders
    union all by name
    select * replace (
        'LATE' as order_id, '2026-03-10T12:00:00+08:00' as ordered_at,
        'late' as _batch, 'late.csv' as _file
    )
    from raw.shop_orders
    where status = 'completed' and source_customer_id is not null
    qualify row_number() over (order by order_id, _batch, _row_number) = 1
"""


def spoil(warehouse: Warehouse) -> None:
    for model in dated_marts(warehouse):
        assert warehouse.connection.execute(
            f"update {model} set is_provisional = null"
        ).fetchone() > (0,)


def evaluated(warehouse: Warehouse) -> list[date]:
    """The evaluations with rows that are not spoilt: the same in each mart."""
    found = {
        tuple(
            day
            for (day,) in warehouse.connection.execute(
                f"select distinct evaluation_date from {model} "
                "where is_provisional is not null order by 1"
            ).fetchall()
        )
        for model in dated_marts(warehouse)
    }
    (days,) = found
    return list(days)


def dated_marts(warehouse: Warehouse) -> list[str]:
    found = [
        model.relation
        for model in warehouse.project.models
        if model.is_dated and model.database == bare.MARTS
    ]
    assert len(found) > 1
    return found


def test_changed_reference_lists_change_the_marts_as_in_a_full_refresh(
    builder, tmp_path
):
    """Of the lists that models read which are built anew each night.

    A list that growing models read, also through views, new settings and new code are
    the orchestrator's: it then builds with --full-refresh.
    """
    company = builder.company("by_hand")
    settings = companies.at(company.settings, as_of_date=DAYS[-1])
    nightly = builder.warehouse(settings).build()
    before = nightly.keep(tmp_path / "before.duckdb")
    shorten_lists(nightly)
    nightly.run_models()
    assert companies.differences(nightly, before), "no list mattered"
    fresh = builder.warehouse(settings)
    fresh.prepare()
    shorten_lists(fresh)
    fresh.run_models(full=True)
    found = companies.differences(nightly, fresh.keep(tmp_path / "fresh.duckdb"))
    assert not found, "\n".join(found)


def shorten_lists(warehouse: Warehouse) -> None:
    """Take the last line from every list that no growing model reads."""
    growing = read_by_growing(warehouse.project)
    lists = warehouse.connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'reference'"
    ).fetchall()
    for (name,) in lists:
        if f'"reference"."{name}"' not in growing:
            warehouse.connection.execute(
                f"delete from reference.{name} "
                f"where rowid = (select max(rowid) from reference.{name})"
            )


def read_by_growing(project: bare.Project) -> str:
    """The SQL of growing models, and of the views that they read."""
    read = "".join(model.incremental for model in project.models if model.incremental)
    for model in reversed(project.models):  # who reads stands behind what it reads
        if model.materialized == "view" and (
            f'"{model.schema}"."{model.name}"' in read
        ):
            read += model.full
    return read


@pytest.mark.long
def test_nights_and_a_full_refresh_of_dbt_itself_give_the_same_marts(builder, tmp_path):
    company = builder.company("by_hand")
    draw = random.Random(4).randrange
    required = {"customers", "orders"}
    arrival = Arrival(
        tuple(
            Coming(
                number,
                seed=draw(1000),
                pieces=(
                    Piece(0 if export.feed in required else draw(REAL_NIGHTS)),
                    Piece(draw(REAL_NIGHTS), form="parquet", has_others=True),
                ),
            )
            for number, export in enumerate(company.exports)
        ),
        frozenset(range(REAL_NIGHTS)),
    )
    settings = companies.installation(tmp_path)
    settings.warehouse.parent.mkdir(parents=True)
    plain = builder.warehouse(settings)
    for night in range(REAL_NIGHTS):
        companies.deliver(company, arrival, night, settings.landing_dir)
        assert companies.land(settings, night) is not None
        companies.run_dbt(settings, *BUILD)
        found = companies.differences(plain.build(), settings.marts)
        assert not found, "\n".join([f"Night {night}, dbt expects:", *found])
    companies.run_dbt(settings, *BUILD, "--full-refresh")
    found = companies.differences(plain, settings.marts)
    assert not found, "\n".join(["dbt expects after --full-refresh:", *found])


NIGHTS_BY_EVALUATION = {
    "dbt_project.yml": """
name: by_evaluation
profile: by_evaluation
flags: {send_anonymous_usage_stats: false}
on-run-start:
  - create schema if not exists intermediate
  - create table if not exists intermediate.built_evaluations
    (model_name string, evaluation_date date, fingerprint string)
models: {+schema: intermediate, +post-hook: "{{ keep_fingerprints() }}"}
""",
    "profiles.yml": """
by_evaluation:
  target: night
  outputs: {night: {type: duckdb, path: warehouse.duckdb}}
""",
    "models/int_evaluations__fingerprinted.sql": """
select cast(evaluation_date as date) as evaluation_date, fingerprint
from (values
    ('2026-04-30', '{{ var("april") }}'),
    ('2026-05-31', '{{ var("may") }}'),
    ('2026-06-30', '{{ var("june") }}')
) as evaluations (evaluation_date, fingerprint)
""",
    "models/int_evaluations__counted.sql": """
{{ config(
    materialized='incremental',
    incremental_strategy='by_evaluation',
    unique_key=['evaluation_date']
) }}
select evaluation_date, {{ var("night") }} as built_in_night
from ({{ touched_rows(ref('int_evaluations__fingerprinted')) }}) as evaluations
""",
}


def test_a_model_none_of_whose_evaluations_stands_is_built_as_from_nothing(tmp_path):
    for name, text in NIGHTS_BY_EVALUATION.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "macros").mkdir()
    for macro in ("touched_rows", "generate_schema_name"):
        shutil.copy(DBT_PROJECT / "macros" / f"{macro}.sql", tmp_path / "macros")

    def night(number: int, april: str, may: str, june: str) -> tuple[list, str]:
        variables = {"night": number, "april": april, "may": may, "june": june}
        done = subprocess.run(
            [Path(sys.executable).with_name("dbt"), "build", "--vars", str(variables)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
            rows = warehouse.execute(
                "select built_in_night from intermediate.int_evaluations__counted "
                "order by evaluation_date"
            ).fetchall()
        run = tmp_path / "target/run/by_evaluation/models/int_evaluations__counted.sql"
        return [built for (built,) in rows], run.read_text().split()[0]

    assert night(1, "a", "b", "c") == ([1, 1, 1], "create")
    assert night(2, "a", "b", "d") == ([1, 1, 2], "delete")
    # Not even what is as it was stands after what is not.
    assert night(3, "e", "b", "d") == ([3, 3, 3], "create")
    assert night(4, "e", "b", "d") == ([3, 3, 3], "delete")

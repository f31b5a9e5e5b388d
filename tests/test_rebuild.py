"""Nightly is rebuild: what grew night by night is what a full build makes of raw."""

import random
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import companies
import pytest
from companies import Arrival, Coming, Piece, Warehouse
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmarks import bare
from orchestration.contracts import feeds

DAYS = (date(2026, 5, 12), date(2026, 6, 29), date(2026, 6, 30))
REAL_NIGHTS = 2
# As a night builds, but for the tests of rows.
BUILD = ("build", "--exclude-resource-types", "test", "unit_test")


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

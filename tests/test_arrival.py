"""Any arrival is one arrival: the way in which the exports came decides nothing."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import companies
import pytest
from companies import COMPANIES, EVERY, Arrival, Builder, Company
from hypothesis import assume, given
from hypothesis import strategies as st

# The day and the beginning that a run is asked for; None leaves them to the data.
DAYS = (None, date(2026, 6, 30), date(2026, 5, 12))
BEGINNINGS = (None, date(2026, 1, 31))


def arrive(
    builder: Builder,
    company: Company,
    arrival: Arrival,
    asked: tuple[date | None, date | None],
) -> list[str]:
    """How the answer differs after the exports came, and were built, night by night."""
    expected = builder.at_once(company, *asked)
    with TemporaryDirectory() as folder:
        settings = companies.at(
            companies.installation(Path(folder)),
            as_of_date=asked[0],
            history_from=asked[1],
        )
        warehouse, was_built = builder.warehouse(settings), False
        for night in range(arrival.last + 1):
            broken = companies.deliver(company, arrival, night, settings.landing_dir)
            done = companies.land(settings, night)
            if done is not None:
                assert len(done.having("rejected")) >= broken
            # The first night that can be built is, so that others add to it.
            is_built = not was_built or night in arrival.built
            if night == arrival.last or (done is not None and is_built):
                warehouse.build()
                was_built = True
        # The way of cutting lost nothing and added nothing.
        wanted, found = (
            companies.content_of_raw(builder.project, installation)
            for installation in (company.settings, settings)
        )
        assert wanted == found
        told = companies.differences(warehouse, expected, any_arrival=True)
        warehouse.close()
        return told


@pytest.mark.parametrize("name", EVERY)
@given(st.data())
def test_exports_that_come_in_any_parts_on_any_nights_give_the_same_marts(
    builder, name, data
):
    company = builder.company(name)
    arrival = data.draw(companies.arrivals(company))
    assume(arrival.last)
    days = DAYS[1:] if company.settings.as_of_date else DAYS
    asked = data.draw(st.sampled_from(days)), data.draw(st.sampled_from(BEGINNINGS))
    if arrive(builder, company, arrival, asked):
        arrival = companies.simplest(
            arrival, lambda other: bool(arrive(builder, company, other, asked))
        )
        told = arrive(builder, company, arrival, asked)
        pytest.fail("\n".join([*told, arrival.told(company)]), pytrace=False)


def test_every_mart_has_rows_in_one_of_the_companies(builder):
    without = [
        companies.empty_tables(builder.at_once(builder.company(name), DAYS[1]))
        for name in COMPANIES
    ]
    assert not set.intersection(*without)


@pytest.mark.parametrize("name", EVERY)
def test_rows_in_any_order_give_the_same_marts(builder, name):
    """Of raw and of each model, since some steps happen to sort what they pass on."""
    company = builder.company(name)
    expected = builder.at_once(company, DAYS[1])
    settings = companies.at(company.settings, as_of_date=DAYS[1])
    warehouse = builder.warehouse(settings, shuffled=True)
    warehouse.prepare()
    warehouse.connection.execute("set threads = 4")
    warehouse.connection.execute("set preserve_insertion_order = false")
    warehouse.replace_raw(
        {
            table: f"select * from raw.{table} order by random()"
            for table in warehouse.raw_tables()
        }
    )
    warehouse.run_models(full=True)
    found = companies.differences(warehouse, expected)
    warehouse.close()
    assert not found, "\n".join(found)

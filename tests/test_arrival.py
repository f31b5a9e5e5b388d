"""The order of arrival decides nothing: what was said last counts."""

import subprocess

import duckdb
import pytest

from expectations import Result
from orchestration import landing, transform
from orchestration.settings import PROJECT, from_environment

HEADER = "source_customer_id,customer_name,customer_type,city,created_at,updated_at\n"
EARLIER, LATER = "customers_2026-06-29.csv", "customers_2026-06-30.csv"
FILES = {
    EARLIER: "C1,Ann Lee,person,Suzhou,2026-01-01,2026-06-01 09:00\n"
    "C2,Bo Ma,person,Wuxi,2026-01-02,2026-06-20 09:00\n"
    "C3,Cy Xu,person,Jinan,2026-01-32,2026-06-01 09:00\n",
    # C1 moved; C2's row is older than the one in the earlier file; C3 is mended.
    LATER: "C1,Ann Lee,person,Ningbo,2026-01-01,2026-06-30 09:00\n"
    "C2,Bo Ma,person,Hefei,2026-01-02,2026-06-10 09:00\n"
    "C3,Cy Xu,person,Jinan,2026-01-31,2026-06-30 09:00\n",
}

BUILD = [
    *("build", "--exclude-resource-type", "unit_test"),
    *("--exclude-resource-type", "test", "--select", "+customers", "+row_conservation"),
]


@pytest.fixture(scope="module")
def after(tmp_path_factory):
    """(customers, fates) after the files came on nights in a given order."""

    def nights(*deliveries):
        folder = tmp_path_factory.mktemp("arrival")
        inbox = folder / "landing" / "crm" / "customers"
        inbox.mkdir(parents=True)
        settings = from_environment(
            {"LANDING_DIR": str(folder / "landing"), "DATA_DIR": str(folder / "data")}
        )
        for night, names in enumerate(deliveries, start=1):
            for name in names:
                (inbox / name).write_text(HEADER + FILES[name])
            now = landing.datetime(2026, 7, night)
            landing.land(settings, lambda *_: Result(), [], now)
            build(settings)
        with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
            return (
                warehouse.sql("from marts.customers order by all").fetchall(),
                warehouse.sql(
                    "select file, raw_count, staged_count, superseded_count, "
                    "quarantined_count from quality.row_conservation order by file"
                ).fetchall(),
                warehouse.sql(
                    "select city from marts.customers order by crm_customer_id"
                ).fetchall(),
            )

    def build(settings):
        settings.export()
        settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            transform.command(settings, BUILD),
            cwd=PROJECT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout

    return nights


def test_two_versions_of_a_customer_end_the_same_in_both_orders_of_arrival(after):
    at_once = after([EARLIER, LATER])
    assert at_once[1] == [(EARLIER, 3, 1, 2, 0), (LATER, 3, 2, 1, 0)]
    assert at_once[2] == [("Ningbo",), ("Wuxi",), ("Jinan",)]
    assert after([EARLIER], [LATER]) == at_once
    assert after([LATER], [EARLIER]) == at_once

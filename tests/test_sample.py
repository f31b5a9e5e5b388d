"""The sample of a fresh clone: its ledger is what its nights decide."""

import shutil

import duckdb
import pytest
from nights import SAMPLE, run

from orchestration.contracts import feeds

LEDGER = SAMPLE / "tierkeeper" / "decisions"
LAST_DECIDED = "2026-06-30"
MEGABYTES = 4


def ledger(where: str) -> list[tuple]:
    """Rows of the committed ledger, as text."""
    columns = ", ".join(c.name for c in feeds()["tierkeeper", "decisions"].columns)
    return duckdb.sql(
        f"select {columns} from read_csv('{LEDGER}/*.csv', all_varchar = true) "
        f"where {where} order by decision_id"
    ).fetchall()


def test_the_sample_stays_small():
    size = sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file())
    assert size < MEGABYTES * 1024 * 1024


def test_the_ledger_holds_the_last_twelve_month_ends():
    days = [row[1] for row in ledger("kind = 'decided'")]
    assert days == [
        *("2025-07-31", "2025-08-31", "2025-09-30", "2025-10-31", "2025-11-30"),
        *("2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"),
        *("2026-05-31", LAST_DECIDED),
    ]


def test_results_and_contacts_refer_to_warnings_of_the_ledger():
    opened = {row[3] for row in ledger("kind = 'opened'")}
    results = {
        warning
        for (warning,) in duckdb.sql(
            f"select warning_id from read_csv('{SAMPLE}/crm/worklist_results/*.csv', "
            "all_varchar = true)"
        ).fetchall()
    }
    assert len(results) > 100
    assert results <= opened


@pytest.mark.long
def test_the_last_day_is_decided_again_as_the_ledger_has_it(tmp_path):
    """Also: a ledger of the day before is all that a night needs to go on from."""
    landing = tmp_path / "landing"
    shutil.copytree(SAMPLE, landing)
    (file,) = (landing / "tierkeeper" / "decisions").glob("*.csv")
    lines = file.read_text("utf-8")
    duckdb.sql(
        f"select * from read_csv('{file}', all_varchar = true) "
        f"where decided_on < '{LAST_DECIDED}'"
    ).write_csv(str(file.with_name("decisions_2026-05-31.csv")))
    file.unlink()
    assert LAST_DECIDED in lines
    night = run(landing, tmp_path / "data", AS_OF_DATE=LAST_DECIDED)
    assert night.code == 0, night.output
    columns = ", ".join(
        f"cast({c.name} as varchar)" for c in feeds()["tierkeeper", "decisions"].columns
    )
    decided = night.query(
        f"select {columns} from marts.churn_decisions "
        f"where decided_on = '{LAST_DECIDED}' order by decision_id"
    )
    assert len(decided) > 10
    assert decided == ledger(f"decided_on = '{LAST_DECIDED}'")

"""The sample company of a fresh clone, with the ledger that twelve of its nights made.

    python -m seeds.generator.sample --out seeds/landing

A company is generated, then lives through its last twelve month ends: each night
decides about warnings, and what staff made of them comes back with the next landing.
The landing folder of the end is the sample.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb

from orchestration.contracts import feeds
from orchestration.settings import PROJECT

CUSTOMERS = 2000
SEED = 20260714
LAST_DAY = date(2026, 7, 14)
NIGHTS = 12


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m seeds.generator.sample", description=__doc__
    )
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out.resolve()
    if out.exists() and any(out.iterdir()):
        sys.exit(f"{out} is not empty: name a new folder, or empty this one.")
    with tempfile.TemporaryDirectory() as folder:
        company = Path(folder) / "company"
        generator(
            *("--out", str(company), "--customers", str(CUSTOMERS)),
            *("--seed", str(SEED), "--to", LAST_DAY.isoformat()),
        )
        data = Path(folder) / "data"
        for day in month_ends(LAST_DAY, NIGHTS):
            if ledger(data).parent.exists():
                answer(data, company, day)
            night(company / "landing", data, day)
        newest = month_ends(LAST_DAY, 1)[0]
        answer(data, company, LAST_DAY)
        keep_ledger(data, company / "landing", newest)
        shutil.copytree(company / "landing", out, dirs_exist_ok=True)
    return 0


def month_ends(last_day: date, count: int) -> list[date]:
    """The last `count` month ends up to a day, oldest first."""
    found = []
    first = (last_day + timedelta(days=1)).replace(day=1)
    while len(found) < count:
        found.append(first - timedelta(days=1))
        first = found[-1].replace(day=1)
    return found[::-1]


def generator(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "seeds.generator", *arguments], cwd=PROJECT, check=True
    )


def answer(data: Path, company: Path, day: date) -> None:
    """What staff made of the warnings up to a day, in place of what was told before."""
    for told in (company / "landing" / "crm").glob("*/*results_*.csv"):
        told.unlink()
    for told in (company / "landing" / "crm").glob("*/interactions_warnings_*.csv"):
        told.unlink()
    generator(
        *("results", "--ledger", str(ledger(data))),
        *("--company", str(company), "--through", day.isoformat()),
    )


def night(landing: Path, data: Path, day: date) -> None:
    """One night as of a day, as `make nightly` runs it."""
    subprocess.run(
        [sys.executable, "-m", "orchestration", "nightly"],
        cwd=PROJECT,
        env={
            **os.environ,
            "LANDING_DIR": str(landing),
            "DATA_DIR": str(data),
            "AS_OF_DATE": day.isoformat(),
        },
        check=True,
        stdout=subprocess.DEVNULL,
    )
    print(f"decided: {day}", flush=True)


def ledger(data: Path) -> Path:
    """What the nights decided, as a pattern of Parquet files."""
    return data / "raw" / "tierkeeper" / "decisions" / "*.parquet"


def keep_ledger(data: Path, landing: Path, newest: date) -> None:
    """Write the ledger as an export of its own, for whoever starts from it."""
    folder = landing / "tierkeeper" / "decisions"
    folder.mkdir(parents=True)
    columns = ", ".join(c.name for c in feeds()["tierkeeper", "decisions"].columns)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select {columns} from read_parquet('{ledger(data)}', "
            "union_by_name = true) order by decided_on, decision_id) "
            f"to '{folder / f'decisions_{newest}.csv'}' (header)"
        )


if __name__ == "__main__":
    sys.exit(main())

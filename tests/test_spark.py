"""Nights on Spark give what DuckDB gives of the same raw: every mart, cell by cell."""

import json
import os
import subprocess
import sys
from datetime import date

import companies
import pytest
from companies import Arrival, Coming, Piece

from engines import build, parity
from orchestration.settings import PROJECT

pytestmark = [pytest.mark.spark, pytest.mark.usefixtures("needs_spark")]
JUNE_29, JUNE_30, MAY_12 = date(2026, 6, 29), date(2026, 6, 30), date(2026, 5, 12)


@pytest.fixture
def quick_when_small(tmp_path, monkeypatch):
    """Spark compiles no query for a test's few rows: that takes most of the time."""
    folder = tmp_path / "conf"
    folder.mkdir()
    (folder / "spark-defaults.conf").write_text(
        "spark.sql.codegen.wholeStage false\n"
        "spark.sql.codegen.factoryMode NO_CODEGEN\n"
        "spark.default.parallelism 1\n"
    )
    monkeypatch.setenv("SPARK_CONF_DIR", str(folder))


# dbt's command lines from standard input, each with its environment, one after another.
NIGHTS = """
import json, os, sys
from dbt.cli.main import dbtRunner

told = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # Java writes there too
for line in sys.stdin:
    command, environment = json.loads(line)
    os.environ.clear()
    os.environ.update(environment)
    print(json.dumps(dbtRunner().invoke(command[1:]).success), file=told, flush=True)
"""


@pytest.fixture
def one_process(tmp_path, quick_when_small, monkeypatch):
    """All nights in one process: a second one finds Spark started and warm."""
    with (
        (tmp_path / "dbt.txt").open("w") as said,
        subprocess.Popen(
            [sys.executable, "-c", NIGHTS],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as process,
    ):

        def run(command: list[str]) -> bool:
            process.stdin.write(json.dumps([command, dict(os.environ)]) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline() or "false")

        monkeypatch.setattr(build, "in_a_process", run)
        yield


def halves(company):
    """Each file in two: whole records, versions and corrections a night late."""
    return Arrival(
        tuple(
            Coming(number, 7, (Piece(0), Piece(1)))
            for number in range(len(company.exports))
        ),
        frozenset({0, 1}),
    )


def test_two_nights_on_spark_give_what_full_builds_on_duckdb_give(
    builder, tmp_path, one_process
):
    compare_nights(builder, tmp_path, (JUNE_29, MAY_12))


@pytest.mark.long
def test_each_of_three_nights_may_be_a_process_of_its_own(
    builder, tmp_path, quick_when_small
):
    compare_nights(builder, tmp_path, (JUNE_29, JUNE_30, MAY_12))


def compare_nights(builder, tmp_path, days):
    """The second night brings what is late and corrected, a third one nothing."""
    company = builder.company("generated")
    settings = companies.installation(tmp_path)
    standing = set()
    for night, day in enumerate(days):
        settings = companies.at(settings, as_of_date=day)
        companies.deliver(company, halves(company), night, settings.landing_dir)
        assert companies.land(settings, night) is not None
        build.on_spark(settings, tests=False)
        expected = companies.full_answer(
            builder.project, settings, tmp_path / "expected.duckdb"
        )
        found = parity.compare(
            build.manifest(settings), expected, build.warehouse(settings)
        )
        assert [(d.mart, d.sentence) for d in found] == [], f"night {night}, {day}"
        before, standing = standing, files_of_march(settings)
        assert standing
        # What came late touches all; to look at a day of the past touches no month end.
        assert (before == standing) == (night == 2)


def files_of_march(settings) -> set[str]:
    """Spark names files anew whenever it writes them."""
    tiers = build.warehouse(settings) / "marts.db" / "customer_tiers"
    return {file.name for file in tiers.glob("evaluation_date=2026-03-31/*.parquet")}

"""What is planted as dirt in a company shows in the scorecard of its data's quality."""

import contextlib
import io
import shutil

import companies
import duckdb
import pytest

from orchestration.formats import literal
from seeds.generator.__main__ import generate, parse

# Kinds of dirt that break no rule: they are copies, older versions and whole files.
HARMLESS = ("exact_duplicate", "older_version", "repeated_file")


@pytest.fixture(scope="module")
def scored(builder, tmp_path_factory):
    """The answer of a company of all kinds of dirt, with the truth of it beside."""
    folder = tmp_path_factory.mktemp("scored")
    settings = companies.installation(folder)
    size = ["--customers", "150", "--seed", "7", "--threads", "1"]
    span = ["--from", "2025-09-01", "--to", "2026-06-30"]
    with contextlib.redirect_stdout(io.StringIO()):
        generate(parse(["--out", str(folder / "company"), *size, *span]))
    shutil.copytree(
        folder / "company" / "landing", settings.landing_dir, dirs_exist_ok=True
    )
    assert companies.land(settings, 0) is not None
    answer = companies.full_answer(builder.project, settings, folder / "answer.duckdb")
    dirt = folder / "company" / "truth" / "dirty_rows.parquet"
    with duckdb.connect(str(answer), read_only=True) as connection:
        connection.execute(f"create temp view dirt as from {literal(str(dirt))}")
        yield connection


def failed(scored, dimension: str) -> dict[str, int]:
    return dict(
        scored.execute(
            "select source || '/' || feed, sum(failed_count)::bigint "
            "from quality.data_quality_scorecard where dimension = ? "
            "group by all having sum(failed_count) > 0",
            [dimension],
        ).fetchall()
    )


def planted(scored, where: str) -> dict[str, int]:
    return dict(
        scored.execute(
            f"select source || '/' || feed, count(*) from dirt where {where} "
            "group by all"
        ).fetchall()
    )


def test_rows_that_break_a_rule_are_not_valid_mended_later_or_not(scored):
    expected = planted(scored, f"kind not in {HARMLESS}")
    assert len(expected) >= 8
    assert failed(scored, "valid") == expected


def test_a_row_that_stands_twice_in_an_export_is_not_unique(scored):
    expected = planted(scored, "kind = 'exact_duplicate'")
    assert len(expected) >= 3
    assert failed(scored, "unique") == expected


def test_an_empty_required_cell_is_the_main_cause_of_an_incomplete_feed(scored):
    expected = planted(scored, "kind = 'missing_required'")
    found = failed(scored, "complete")
    assert len(expected) >= 3
    assert all(found[feed] >= count for feed, count in expected.items())
    assert scored.execute(
        "select main_cause_column, main_cause_failed_count = failed_count "
        "from quality.data_quality_scorecard where dimension = 'complete' "
        "and source = 'finance' and feed = 'invoices'"
    ).fetchone() == ("due_on", True)


def test_every_score_without_a_value_says_why(scored):
    reasons = scored.execute(
        "select distinct missing_reason from quality.data_quality_scorecard "
        "where score is null order by all"
    ).fetchall()
    assert ("first_export",) in reasons
    assert None not in [reason for (reason,) in reasons]

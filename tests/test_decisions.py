"""What a night decided is kept once, in raw, and never decided again."""

from datetime import date

import duckdb
import pytest
from conftest import read_batches

from orchestration import decisions
from orchestration.contracts import feeds

COLUMNS = [column.name for column in feeds()["tierkeeper", "decisions"].columns]


@pytest.fixture
def publish(settings):
    """Publish a file that decided these (decision_id, decided_on, kind) for its day."""

    def night(as_of_date: str, *rows: tuple[str, str, str]):
        settings.published.mkdir(parents=True, exist_ok=True)
        database = settings.published / decisions.DATABASE
        database.unlink(missing_ok=True)
        with duckdb.connect(str(database)) as connection:
            connection.execute(f"""
                create schema quality;
                create schema marts;
                create table quality.runs as
                select date '{as_of_date}' as as_of_date, now() as finished_at;
                create table marts.churn_decisions as
                select
                    {", ".join(f"cast(null as varchar) as {name}" for name in COLUMNS)}
                where false;
                alter table marts.churn_decisions alter decided_on type date;
                alter table marts.churn_decisions add column customer_key varchar;
            """)
            for row in rows:
                connection.execute(
                    "insert into marts.churn_decisions "
                    "(decision_id, decided_on, kind, is_control) "
                    "values (?, ?, ?, true)",
                    list(row),
                )
        return database

    return night


@pytest.fixture
def kept(raw):
    """(decision_id, decided_on) of every row of the ledger in raw."""
    return lambda: [
        (row["decision_id"], row["decided_on"]) for row in raw("tierkeeper/decisions")
    ]


MAY = "2026-05-31"
JUNE = "2026-06-30"


def test_the_decisions_of_the_published_day_are_kept_as_text(settings, publish, raw):
    database = publish(
        JUNE,
        ("decided 2026-06-30", JUNE, "decided"),
        ("W1 opened", JUNE, "opened"),
        # Of an earlier day: in the ledger already, whoever wrote it.
        ("W0 opened", MAY, "opened"),
    )
    assert decisions.append(settings, database) == 2
    rows = raw("tierkeeper/decisions")
    assert [(row["decision_id"], row["is_control"]) for row in rows] == [
        ("W1 opened", "true"),
        ("decided 2026-06-30", "true"),
    ]
    assert [row["_row_number"] for row in rows] == [1, 2]
    # The end of that business day: no decision is later than its export.
    assert str(rows[0]["_exported_at"]) == "2026-06-30 15:59:59.999999"
    assert set(COLUMNS) < set(rows[0])
    assert "customer_key" not in rows[0]


def test_a_day_is_decided_once(settings, publish, kept):
    decisions.append(settings, publish(JUNE, ("decided", JUNE, "decided")))
    again = publish(JUNE, ("decided", JUNE, "decided"), ("W9 opened", JUNE, "opened"))
    assert decisions.append(settings, again) == 0
    assert kept() == [("decided", JUNE)]


def test_a_look_back_decides_nothing(settings, publish, kept):
    decisions.append(settings, publish(JUNE, ("june", JUNE, "decided")))
    assert decisions.append(settings, publish(MAY, ("may", MAY, "decided"))) == 0
    assert kept() == [("june", JUNE)]


def test_a_night_cut_off_before_it_kept_its_decisions_is_repaired(
    settings, publish, kept
):
    publish(JUNE, ("june", JUNE, "decided"))
    assert decisions.repair(settings) == 1
    assert decisions.repair(settings) == 0
    assert kept() == [("june", JUNE)]


def test_nothing_published_is_nothing_to_repair(settings):
    assert decisions.repair(settings) == 0


def test_a_kept_batch_is_in_the_ledger_of_files(settings, publish):
    decisions.append(settings, publish(JUNE, ("june", JUNE, "decided")))
    (line,) = duckdb.sql(
        "select source, feed, status, row_count, batch from read_parquet("
        f"'{settings.raw / 'tierkeeper' / 'files' / '*.parquet'}')"
    ).fetchall()
    (batch,) = (settings.raw / "tierkeeper" / "decisions").glob("*.parquet")
    assert line == ("tierkeeper", "decisions", "loaded", 1, batch.stem)


def test_a_ledger_brought_along_is_landed_like_any_feed(drop, land, kept, settings):
    drop(
        f"tierkeeper/decisions/decisions_{MAY}.csv",
        f"decision_id,decided_on,kind\nmay,{MAY},decided\n",
    )
    drop(
        "crm/customers/c_2026-06-30.csv",
        "source_customer_id,created_at\nC1,2026-01-01\n",
    )
    landed = land()
    assert [file.feed for file in landed.having("loaded")] == ["customers", "decisions"]
    assert kept() == [("may", MAY)]
    with duckdb.connect() as connection:
        assert decisions.newest_decided(
            connection, settings, feeds()["tierkeeper", "decisions"]
        ) == date(2026, 5, 31)


def test_batches_of_the_ledger_read_as_the_view_of_raw_reads_them(settings, publish):
    decisions.append(settings, publish(MAY, ("may", MAY, "decided")))
    decisions.append(settings, publish(JUNE, ("june", JUNE, "decided")))
    rows = read_batches(settings.raw / "tierkeeper" / "decisions" / "*.parquet")
    assert [(row["_file"], row["decision_id"]) for row in rows] == [
        ("decided_2026-05-31", "may"),
        ("decided_2026-06-30", "june"),
    ]

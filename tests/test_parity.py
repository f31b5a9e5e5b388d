"""What is not the same on two engines is told, be it one key, one cell or one type."""

import json
from pathlib import Path

import duckdb
import pytest

from engines import build, parity

# One row of each kind of value, and one of nothing but its key.
ROWS = """
    select * from (values
        (1, '中文 😀', date '2024-02-29', timestamp '2026-07-01 12:00:00.000001',
            12.3400::decimal(18, 4), 0.1::double, true, 7::bigint),
        (2, null, null, null, null, null, null, null)
    ) as rows (customer_key, name, born_on, seen_at, amount, share, is_kept, size)
"""
MANIFEST = {
    "nodes": {
        "model.tierkeeper.customers": {
            "resource_type": "model",
            "name": "customers",
            "schema": "marts",
            "description": "One row per customer.",
        },
        "test.tierkeeper.unique_customers": {
            "resource_type": "test",
            "attached_node": "model.tierkeeper.customers",
            "test_metadata": {
                "name": "unique",
                "kwargs": {"column_name": "customer_key"},
            },
        },
    }
}


@pytest.fixture
def compared(tmp_path):
    """The sentences on what differs between two queries' rows, one on each engine."""

    def compare(on_duckdb, on_spark, manifest=MANIFEST, options="format parquet"):
        database, warehouse = tmp_path / "answer.duckdb", tmp_path / "warehouse"
        (tmp_path / "manifest.json").write_text(json.dumps(manifest))
        folder = warehouse / "marts.db" / "customers"
        folder.mkdir(parents=True)
        with duckdb.connect(str(database)) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute("create schema marts")
            connection.execute(f"create table marts.customers as {on_duckdb}")
            target = folder if "partition_by" in options else folder / "part.parquet"
            connection.execute(
                f"copy ({on_spark}) to '{target}' ({options}, overwrite_or_ignore)"
            )
        found = parity.compare(tmp_path / "manifest.json", database, warehouse)
        return [difference.sentence for difference in found]

    return compare


def test_equal_rows_are_no_difference_whatever_their_order(compared):
    assert compared(ROWS, f"{ROWS} order by customer_key desc") == []


def test_times_may_come_with_the_zone_that_spark_gives_them(compared):
    zoned = f"select * replace (timezone('UTC', seen_at) as seen_at) from ({ROWS})"
    assert compared(ROWS, zoned) == []


def test_a_partition_is_a_column_again(compared):
    assert compared(ROWS, ROWS, options="format parquet, partition_by (born_on)") == []


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ("'中文 🙂' as name", "name"),
        ("date '2024-02-28' as born_on", "born_on"),
        ("timestamp '2026-07-01 12:00:00.000002' as seen_at", "seen_at"),
        ("12.3401::decimal(18, 4) as amount", "amount"),
        ("0.1000000003::double as share", "share"),
        ("'nan'::double as share", "share"),
        ("false as is_kept", "is_kept"),
        ("null::bigint as size", "size"),
    ],
)
def test_another_value_is_a_difference(compared, changed, column):
    other = (
        f"select * replace ({changed}) from ({ROWS}) where customer_key = 1 "
        f"union all from ({ROWS}) where customer_key = 2"
    )
    (sentence,) = compared(ROWS, other)
    assert sentence.startswith(f"{column} differs in 1 rows, such as (1,): ")


def test_a_value_where_the_other_has_none_is_a_difference(compared):
    (sentence,) = compared(ROWS, f"select * replace ('' as name) from ({ROWS}) "
                                 "where customer_key = 2 union all "
                                 f"from ({ROWS}) where customer_key = 1")  # fmt: skip
    assert sentence == (
        "name differs in 1 rows, such as (2,): None on DuckDB, '' on Spark."
    )


def test_doubles_may_differ_by_a_billionth_of_themselves(compared):
    near = f"select * replace (share * (1 + 9e-10) as share) from ({ROWS})"
    assert compared(ROWS, near) == []


@pytest.mark.parametrize("engine", ["DuckDB", "Spark"])
def test_a_key_that_only_one_has_is_a_difference(compared, engine):
    fewer = f"select * from ({ROWS}) where customer_key = 1"
    both = (ROWS, fewer) if engine == "DuckDB" else (fewer, ROWS)
    assert compared(*both) == [f"only {engine} has 1 of its rows, such as (2,)."]


def test_a_row_that_stands_there_twice_is_a_difference(compared):
    twice = f"{ROWS} union all select * from ({ROWS}) where customer_key = 2"
    assert compared(ROWS, twice) == ["only Spark has 1 of its rows, such as (2,)."]


def test_a_key_may_be_null_in_a_part_and_its_cells_are_compared(compared):
    manifest = json.loads(json.dumps(MANIFEST))
    manifest["nodes"]["test.tierkeeper.unique_customers"]["test_metadata"] = {
        "name": "unique_together",
        "kwargs": {"columns": ["customer_key", "name"]},
    }
    other = f"select * replace (coalesce(size, 8) as size) from ({ROWS})"
    assert compared(ROWS, other, manifest) == [
        "size differs in 1 rows, such as (2, None): None on DuckDB, 8 on Spark."
    ]


def test_another_type_or_column_is_a_difference(compared):
    other = f"select * replace (size::integer as size) from ({ROWS})"
    assert compared(ROWS, other) == ["size is BIGINT on DuckDB and INTEGER on Spark."]


def test_a_column_that_only_one_has_is_a_difference(compared):
    assert compared(ROWS, f"select * exclude (size) from ({ROWS})") == [
        "only DuckDB has the column size."
    ]


def test_a_mart_that_spark_has_not_built_is_a_difference(compared):
    manifest = json.loads(json.dumps(MANIFEST))
    manifest["nodes"]["model.tierkeeper.newest"] = {
        "resource_type": "model",
        "name": "newest",
        "schema": "marts",
        "description": "One row, of a mart that nobody has listed anywhere.",
    }
    assert compared(ROWS, ROWS, manifest) == ["Spark has no such table."]


def test_a_mart_by_partitions_may_be_empty_on_both(compared):
    none = f"select * from ({ROWS}) where customer_key = 3"
    by_day = "format parquet, partition_by (born_on)"
    assert compared(none, none, options=by_day) == []


def test_a_mart_that_is_empty_on_spark_alone_is_a_difference(compared):
    none = f"select * from ({ROWS}) where customer_key = 3"
    by_day = "format parquet, partition_by (born_on)"
    assert compared(ROWS, none, options=by_day) == ["Spark has none of 2 rows."]


def test_a_mart_without_a_tested_key_cannot_be_compared():
    manifest = {
        "nodes": {"model.a": dict(MANIFEST["nodes"]["model.tierkeeper.customers"])}
    }
    with pytest.raises(ValueError, match="customers has no tested key"):
        parity.marts(manifest)


def test_a_failed_build_is_told_by_its_models(tmp_path: Path):
    (tmp_path / "dbt").mkdir()
    results = [
        {
            "unique_id": "model.tierkeeper.orders",
            "status": "error",
            "message": "no\nroom",
        },
        {"unique_id": "test.tierkeeper.unique_x.1", "status": "fail", "failures": 2},
        {"unique_id": "model.tierkeeper.lines", "status": "skipped", "message": None},
    ]
    (tmp_path / "dbt" / "run_results.json").write_text(json.dumps({"results": results}))
    assert build.told(tmp_path) == "orders: no room\nunique_x: 2 rows break it"

"""As of any day: what came to pass or was told later changes nothing said about it."""

import calendar
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import companies
import duckdb
import pytest
from companies import EVERY, Builder, Warehouse
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import bare
from orchestration.formats import literal, quoted

# Fates know no day, so a KPI of them is exempt, and so is the schema quality.
OF_FATES = "quarantined_row_share"

# The first is the one that every run tries.
MONTH_ENDS = [
    date(year, month, calendar.monthrange(year, month)[1])
    for year, months in ((2025, (12, 11, 10, 9, 8, 7, 6)), (2026, (1, 2, 3, 4, 5)))
    for month in months
]
# Evaluations are at month ends; days between them have a preview.
DAYS = st.sampled_from(MONTH_ENDS) | st.dates(date(2025, 6, 2), date(2026, 6, 29))


@pytest.mark.parametrize("name", EVERY)
@given(day=DAYS)
def test_rows_after_a_day_may_be_missing_or_other_or_shuffled(builder, name, day):
    company = builder.company(name)
    warehouse = builder.warehouse(companies.at(company.settings, as_of_date=day))
    warehouse.build(full=True)
    forget_fates(warehouse)
    tables = note_what_is_later(builder, warehouse)
    with TemporaryDirectory() as folder:
        expected = warehouse.keep(Path(folder) / "expected.duckdb")
        for change in (without_later, with_other):
            warehouse.replace_raw(
                {
                    table: f"{change(table, contract)} order by {companies.SHUFFLED}"
                    for table, contract in tables.items()
                }
            )
            warehouse.run_models(full=True)
            forget_fates(warehouse)
            found = companies.differences(warehouse, expected, schemas=("marts",))
            assert not found, "\n".join([f"{change.__name__} {day}:", *found])
    warehouse.close()


def forget_fates(warehouse: Warehouse) -> None:
    for table in ("kpi_values", "kpi_scorecard"):
        warehouse.connection.execute(
            f"delete from {bare.MARTS}.marts.{table} where kpi_code = '{OF_FATES}'"
        )


def note_what_is_later(builder: Builder, warehouse: Warehouse) -> dict[str, dict]:
    """Make tables later.<table> and told.<table>: what is after the run's day, and raw.

    A row is after the day that happened after it, or is a version told after it of what
    an older version tells: the oldest of all is a first export (docs/sources.md, Time).
    Returns the contract of each table.
    """
    connection = warehouse.connection
    connection.execute("create schema told")
    connection.execute("create schema later")
    tables = companies.contracts(builder.project)
    for table, contract in tables.items():
        connection.execute(f"create table told.{table} as from raw.{table}")
        times = ", ".join(
            quoted(time)
            for time in sorted(
                {later["at"] for _, later in later_columns(contract)} - {""}
            )
        )
        connection.execute(f"""
            create table later.{table} as
            with versions as (
                select *, failures is null and row_fate <> 'duplicate' as is_version
                from staging.stg_{contract["source"]}__{contract["feed"]}_versions
            ),
            oldest as (
                select record_key, min(version_at) as oldest_at
                from versions, intermediate.run_parameters
                where is_version and event_at <= as_of_at
                group by record_key
            ),
            tied as (
                select record_key, version_at
                from versions
                where is_version
                group by all
                having count(*) > 1
            )
            select
                _batch,
                _row_number,
                failures is null as is_valid,
                coalesce(
                    event_at > as_of_at
                    or (version_at > as_of_at and version_at > oldest_at),
                    false
                ) as is_after,
                version_at > as_of_at as is_first_export,
                -- Among versions of one moment the content decides.
                tied.record_key is not null as is_tied,
                as_of_date,
                as_of_at
                {"," + times if times else ""}
            from versions
            cross join intermediate.run_parameters
            left join oldest using (record_key)
            left join tied using (record_key, version_at)
        """)
    for table, contract in tables.items():
        with_parents(connection, table, contract, tables)
    return tables


def with_parents(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    contract: dict,
    tables: dict[str, dict],
) -> None:
    """Lines of an order that is after the day are after it: they have no time of it."""
    for parent, other in tables.items():
        key = other["key"]
        is_part = contract["source"] == other["source"] and "event" not in contract
        if is_part and key and table != parent and contract["key"][: len(key)] == key:
            connection.execute(f"""
                update later.{table} as part
                set is_after = true
                from told.{table} as row
                where row._batch = part._batch and row._row_number = part._row_number
                and ({"row." + ", row.".join(key)}) in (
                    select ({", ".join(key)})
                    from told.{parent}
                    inner join later.{parent} using (_batch, _row_number)
                    where is_valid
                    group by all
                    having bool_and(is_after)
                )
            """)


def later_columns(contract: dict) -> list[tuple[dict, dict]]:
    return [
        (column, {"at": "", **column["later"]})
        for column in contract["columns"]
        if "later" in column
    ]


def without_later(table: str, contract: dict) -> str:
    return (
        f"select told.* from told.{table} as told "
        f"anti join (from later.{table} where is_after) as gone "
        "using (_batch, _row_number)"
    )


def with_other(table: str, contract: dict) -> str:
    """The same rows, with other content in those after the day.

    In a row in force that is what was learned later. Keys and the times that place a
    row or a version stay.
    """
    later = {column["name"]: rule for column, rule in later_columns(contract)}
    types = {column["name"]: column["type"] for column in contract["columns"]}
    fixed = {*contract["key"], contract.get("event"), contract.get("done")}
    fixed |= {"updated_at"} | {rule["at"] for rule in later.values()}
    changed = []
    for column in contract["columns"]:
        name = column["name"]
        if name in fixed or (other := other_value(table, column)) is None:
            continue
        when = "is_after"
        if name in later and later[name]["at"]:
            time = later[name]["at"]
            limit = "as_of_date" if types[time] in ("date", "month") else "as_of_at"
            when = f"is_after or (not is_tied and later.{quoted(time)} > {limit})"
        elif name in later:
            when = "is_after or (not is_tied and is_first_export)"
        changed.append(
            f"case when is_valid and ({when}) then {other} "
            f"else told.{quoted(name)} end as {quoted(name)}"
        )
    replaced = f"replace ({', '.join(changed)})" if changed else ""
    return (
        f"select told.* {replaced} from told.{table} as told "
        f"inner join later.{table} as later using (_batch, _row_number)"
    )


def other_value(table: str, column: dict) -> str | None:
    """SQL of another valid text of a column, which only the old one decides."""
    name = f"told.{quoted(column['name'])}"
    if column["type"] in ("money", "quantity", "decimal", "integer"):
        if "max" in column.get("range", {}):
            return f"'{column['range']['max']}'"
        return f"cast(coalesce(try_cast({name} as decimal(18, 4)), 0) + 7 as varchar)"
    if column["type"] == "boolean":
        return f"case when {name} = 'true' then 'false' else 'true' end"
    if column["type"] in ("date", "timestamp"):
        day = f"coalesce(try_cast(left({name}, 10) as date), as_of_date) + 10"
        return f"cast({day} as varchar) || coalesce(substr({name}, 11), '')"
    if column["type"] == "code":
        values = (
            "select list(code order by code) from reference.labels "
            f"where list_code = {literal(column['code_list'])}"
        )
    elif column["type"] == "text":
        # Those of other rows: a customer's number becomes that of another customer.
        values = (
            f"select list(distinct {quoted(column['name'])} "
            f"order by {quoted(column['name'])}) from told.{table}"
        )
    else:
        return None
    place = f"coalesce(list_position(({values}), trim({name})), 0)"
    return f"coalesce(({values})[1 + {place} % len(({values}))], 'other')"


def replay(builder: Builder, folder: Path, nights: int) -> None:
    """Nights of a company, each held against a fresh build of the same raw."""
    source = companies.installation(folder / "source")
    companies.make(source, seed=3, nights=nights, customers=60)
    settings = companies.installation(folder / "replayed")
    warehouse = builder.warehouse(settings)
    decided = 0
    first = date(2026, 6, 30) - timedelta(days=nights - 1)
    for night in range(nights):
        day = first + timedelta(days=night)
        for path in source.landing_dir.rglob(f"*_{day}*.*"):
            target = settings.landing_dir / path.relative_to(source.landing_dir)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
        settings = companies.at(settings, as_of_date=day)
        assert companies.land(settings, night) is not None
        warehouse.build()
        fresh = companies.full_answer(
            builder.project, settings, folder / "fresh.duckdb"
        )
        found = companies.differences(warehouse, fresh)
        assert not found, "\n".join([f"{day}:", *found])
        decided += companies.append_decisions(settings, fresh, day)
    # One line a day says that it was decided; the others are warnings.
    assert decided > nights
    warehouse.close()


def test_six_nights_replayed_are_what_a_fresh_build_gives(builder, tmp_path):
    replay(builder, tmp_path, nights=6)


@pytest.mark.long
def test_thirty_nights_replayed_are_what_a_fresh_build_gives(builder, tmp_path):
    replay(builder, tmp_path, nights=30)

"""What staff made of the warnings that the warehouse opened, from the planted truth."""

import csv
from datetime import date
from pathlib import Path

import duckdb

from seeds.generator.delivery import literal

NEEDED = (
    "warning_id",
    "kind",
    "decided_on",
    "namespace",
    "record_id",
    "owner_staff_id",
    "action_code",
    "is_control",
)

# A result hangs on the warning's id, the seed and the truth alone: a longer ledger or a
# later day adds results, and changes none. Who truly leaves within four months of the
# warning is mostly lost or out of reach; a false alarm is mostly answered kindly.
RESULTS = """
with warnings as (
    -- The ledger's own outcome is how a warning closed, which is not ours to read.
    select warning_id, namespace, record_id, owner_staff_id, action_code,
        cast(cast(decided_on as timestamp) as date) as opened_on
    from (select distinct on (warning_id) * from ledger
        where kind = 'opened' order by warning_id, decided_on)
    where lower(coalesce(cast(is_control as varchar), 'false'))
        not in ('true', '1', 't')
), known as (
    select
        warnings.*,
        people.source_customer_id,
        coalesce(staff.is_careless, false) as is_careless,
        coalesce(people.churned_at between opened_on - 30 and opened_on + 120, false)
            as is_true_alarm
    from warnings
    left join records
        on warnings.namespace = records.namespace
        and warnings.record_id = records.record_id
    left join people on records.person = people.person
    left join staff on warnings.owner_staff_id = staff.staff_id
), worked as (
    select
        *,
        opened_on
        + to_days(1 + floor(13 * pow(fate('done', warning_id), 1.5))::integer)
        + to_seconds(floor(3600 * (9 + 8.9 * fate('hour', warning_id)))::bigint)
            as done_at,
        fate('outcome', warning_id) as luck
    from known
    where fate('worked', warning_id) < case when is_careless then 0.4 else 0.9 end
)
select
    *,
    'WR' || left(md5(warning_id), 14) as result_id,
    case
        when is_true_alarm and luck < 0.48 then 'lost'
        when is_true_alarm and luck < 0.72 then 'no_answer'
        when is_true_alarm and luck < 0.87 then 'kept'
        when is_true_alarm then 'reached'
        when luck < 0.42 then 'kept'
        when luck < 0.78 then 'reached'
        when luck < 0.90 then 'no_answer'
        else 'rejected'
    end as outcome
from worked
where opened_on < cast(? as date)
    and cast(done_at as date) <= cast(? as date)
order by warning_id
"""

WORKLIST = """
select
    result_id,
    warning_id,
    coalesce(owner_staff_id, '') as staff_id,
    coalesce(nullif(action_code, ''), 'call') as action_code,
    strftime(done_at, '%Y-%m-%dT%H:%M:%S+08:00') as done_at,
    outcome,
    case when outcome <> 'rejected' then ''
        when fate('why rejected', warning_id) < 0.4 then 'just_ordered'
        when fate('why rejected', warning_id) < 0.8 then 'seasonal_buyer'
        else 'duplicate_record' end as reject_reason,
    case when fate('note', warning_id) < 0.2 then '已沟通' else '' end as note,
    strftime(done_at, '%Y-%m-%dT%H:%M:%S+08:00') as updated_at
from results
"""

CONTACTS = """
select
    'IW' || left(md5(warning_id), 14) as interaction_id,
    case when namespace = 'crm' then record_id else source_customer_id end
        as source_customer_id,
    coalesce(owner_staff_id, '') as staff_id,
    case when fate('by way', warning_id) < 0.7 then 'phone' else 'wechat' end as kind,
    'warning' as purpose,
    'out' as direction,
    '' as planned_at,
    strftime(done_at, '%Y-%m-%dT%H:%M:%S+08:00') as done_at,
    case when outcome = 'no_answer' then 'false' else 'true' end as responded,
    case when outcome = 'no_answer' then 1
        else 3 + cast(floor(20 * fate('minutes', warning_id)) as integer) end
        as duration_minutes,
    outcome,
    warning_id,
    '' as note,
    strftime(done_at, '%Y-%m-%dT%H:%M:%S+08:00') as updated_at
from results
where outcome <> 'rejected'
    and (namespace = 'crm' or source_customer_id is not null)
"""


class Unusable(Exception):
    """A ledger or a company that cannot be read; the message says what to do."""


def write(ledger: str, company: Path, through: date) -> dict[str, int]:
    """Write results and contacts up to the end of `through`; the rows of each file."""
    if not (company / "truth" / "people.parquet").exists():
        raise Unusable(f"{company} has no truth/people.parquet: generate it first.")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        read_ledger(connection, ledger)
        for name in ("people", "records", "staff"):
            connection.execute(
                f"create view {name} as select * from "
                f"read_parquet({literal(company / 'truth' / f'{name}.parquet')})"
            )
        connection.execute(
            "create macro fate(stream, name) as ((md5_number_lower(name || '|' || "
            f"stream || '|{seed_of(company)}') >> 11)::double + 0.5) * pow(2.0, -53)"
        )
        connection.execute(
            f"create temp table results as {RESULTS}", [str(through), str(through)]
        )
        landing = company / "landing" / "crm"
        return {
            name: write_csv(connection, query, landing / feed / name)
            for feed, name, query in (
                ("worklist_results", f"worklist_results_{through}.csv", WORKLIST),
                ("interactions", f"interactions_warnings_{through}.csv", CONTACTS),
            )
        }


def read_ledger(connection: duckdb.DuckDBPyConnection, ledger: str) -> None:
    reader = "read_csv" if ledger.endswith(".csv") else "read_parquet"
    options = ", all_varchar = true" if reader == "read_csv" else ""
    try:
        connection.execute(
            f"create temp table ledger as select * from "
            f"{reader}(?, union_by_name = true{options})",
            [ledger],
        )
    except duckdb.Error:
        raise Unusable(
            f"{ledger} cannot be read: name a Parquet or CSV file, or a pattern of "
            "such files."
        ) from None
    described = connection.execute("describe ledger").fetchall()
    missing = [name for name in NEEDED if name not in {row[0] for row in described}]
    if missing:
        raise Unusable(
            f"{ledger} has no column {', '.join(missing)}: give the ledger of "
            "decisions."
        )


def seed_of(company: Path) -> str:
    with (company / "truth" / "world.csv").open(newline="") as lines:
        return {row["name"]: row["value"] for row in csv.DictReader(lines)}["seed"]


def write_csv(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    found = connection.execute(f"{query} order by warning_id")
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    return len(rows)

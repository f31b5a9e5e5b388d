"""Records whose truth is known, landed and resolved by the real models.

A data set is a landing folder in the canonical layout and a table of the truth. What
comes of it is read from one table alone, `restricted.int_records__resolved`.
"""

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from expectations import Result
from orchestration import landing, transform
from orchestration.formats import literal
from orchestration.settings import PROJECT, Settings, from_environment

SHARED = PROJECT.parent / "shared" / "data" / "identity"
DAY = date(2026, 7, 14)  # of every export
SEED = 1
# The theme's models and all that they read; not the marts.
MODELS = ["+path:models/intermediate/identity", "resource_type:seed"]


class Unavailable(Exception):
    """Something that is not here to be measured; the message says what and why."""


@dataclass(frozen=True)
class Known:
    """A data set: how it is made, and what is true of it.

    `make` fills an empty folder with `landing/`. `truth` is SQL, with {folder} for that
    folder: namespace, record_id, entity, kind, trap (one of all records of an entity).
    `labels`, if there are any, are pairs: record_id, other_record_id, is_same.
    """

    name: str
    title: str
    make: Callable[[Path], None]
    truth: str
    labels: str | None = None


# --- companies of the generator ------------------------------------------------------


def company(world: str, customers: int) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        # The generator wants its folder empty, and fills landing/ and truth/.
        command = [sys.executable, "-m", "seeds.generator", "--out", str(folder)]
        command += ["--world", world, "--customers", str(customers)]
        run([*command, "--seed", str(SEED), "--to", str(DAY)], {})

    return make


# Accounts of the shop without an order are in no export, so nobody could resolve them.
COMPANY = """
    with ordered as (
        select distinct source_customer_id as record_id
        from read_parquet('{folder}/landing/shop/orders/*.parquet')
        union
        select distinct source_customer_id
        from read_csv(
            '{folder}/landing/shop/orders/*.csv',
            all_varchar = true, ignore_errors = true, union_by_name = true
        )
    )
    select
        namespace,
        record_id,
        person as entity,
        kind,
        max(trap) over (partition by person) as trap
    from '{folder}/truth/records.parquet'
    where namespace <> 'shop' or record_id in (from ordered)
"""


def generated(world: str, title: str, customers: int) -> Known:
    return Known(world, title, company(world, customers), COMPANY)


# --- foreign data --------------------------------------------------------------------


def foreign(file: str, select: str) -> Callable[[Path], None]:
    """One export of crm/customers; all records were opened on one day."""

    def make(folder: Path) -> None:
        source = SHARED / file
        if not source.exists():
            raise Unavailable(f"{source.name} is not beside this checkout")
        inbox = folder / "landing" / "crm" / "customers"
        inbox.mkdir(parents=True)
        with duckdb.connect() as connection:
            connection.execute(
                "copy (select *, 'person' as customer_type, "
                f"timestamp '2026-01-01' as created_at from ({select}) order by all) "
                f"to {literal(str(inbox / f'customers_{DAY}.csv'))} (header)",
                [str(source)],
            )

    return make


FAKE_1000 = Known(
    "fake_1000",
    "fake_1000",
    foreign(
        "fake_1000.csv",
        """
        select
            unique_id as source_customer_id,
            concat_ws(' ', first_name, surname) as customer_name,
            dob as birth_date,
            city,
            email
        from read_csv(?, all_varchar = true)
        """,
    ),
    f"""
    select
        'crm' as namespace, unique_id as record_id, cluster::integer as entity,
        'main' as kind, null::varchar as trap
    from read_csv('{SHARED}/fake_1000.csv', all_varchar = true)
    """,
    f"""
    select
        unique_id_l as record_id,
        unique_id_r as other_record_id,
        clerical_match_score::double > 0.5 as is_same
    from read_csv('{SHARED}/fake_1000_labels.csv', all_varchar = true)
    """,
)

# Eight figures are written as a day; one that no calendar has stays what it is. The
# blank before every value stays too.
FEBRL = Known(
    "febrl",
    "Febrl data set 1",
    foreign(
        "febrl_dataset1.csv",
        r"""
        select
            rec_id as source_customer_id,
            given_name || surname as customer_name,
            regexp_replace(date_of_birth, '(\d{4})(\d\d)(\d\d)', '\1-\2-\3')
                as birth_date,
            suburb as city,
            upper(trim(state)) as region
        from read_csv(?, all_varchar = true, normalize_names = true)
        """,
    ),
    rf"""
    select
        'crm' as namespace,
        rec_id as record_id,
        regexp_extract(rec_id, '^rec-(\d+)-', 1)::integer as entity,
        'main' as kind,
        null::varchar as trap
    from read_csv(
        '{SHARED}/febrl_dataset1.csv', all_varchar = true, normalize_names = true
    )
    """,
)


# --- building ------------------------------------------------------------------------


def installation(folder: Path) -> Settings:
    return from_environment(
        {
            "LANDING_DIR": str(folder / "landing"),
            "DATA_DIR": str(folder / "data"),
            "AS_OF_DATE": str(DAY),
        }
    )


def resolve(settings: Settings, as_of_date: date = DAY) -> None:
    """Land what is new and build the models of identity as of a day.

    Raises RuntimeError with dbt's own words.
    """
    settings = dataclasses.replace(settings, as_of_date=as_of_date)
    now = datetime.combine(as_of_date + timedelta(days=1), datetime.min.time())
    build(settings, MODELS, now)


def build(settings: Settings, models: list[str], now: datetime) -> None:
    """Land what is new and build what dbt selects by `models`, without any test.

    `now` (UTC, naive) stamps the ledger of files and decides nothing. Raises
    RuntimeError with dbt's own words.
    """
    landing.land(settings, lambda *_: Result(), [], now)
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    settings.export()
    run(
        transform.command(
            settings,
            [
                *("--quiet", "build", "--select", *models),
                *("--exclude-resource-type", "test"),
                *("--exclude-resource-type", "unit_test"),
            ],
        ),
        {},
    )


def fit(settings: Settings) -> None:
    """Let the warehouse fit its links to what was built; the next day reads them.

    Raises Unavailable where the records teach nothing, with the fit's own sentence.
    """
    try:
        run(
            [sys.executable, "-m", "orchestration", "fit", "links"],
            {
                "LANDING_DIR": str(settings.landing_dir),
                "DATA_DIR": str(settings.data_dir),
                "AS_OF_DATE": str(DAY),
            },
        )
    except RuntimeError as error:
        if told := re.search(r"Nothing was fitted: [^\n]+[^.\n]", str(error)):
            raise Unavailable(told[0]) from error
        raise


def resolve_with_links(settings: Settings) -> None:
    """The same a day later, with the links that were fitted on what is built."""
    fit(settings)
    resolve(settings, DAY + timedelta(days=1))


def run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def judge(connection: duckdb.DuckDBPyConnection, known: Known, folder: Path) -> None:
    """Make the tables `judged` and, if there are labels, `labels` of what was built.

    The build file is attached to the connection as `warehouse`. A record that it does
    not have, since its row is in quarantine, is a customer of its own.
    """
    connection.execute(f"""
        create or replace temp table judged as
        select
            known.*,
            resolved.customer_key is not null as is_there,
            coalesce(
                resolved.customer_key, 'none:' || namespace || ':' || record_id
            ) as found
        from ({known.truth.format(folder=folder)}) as known
        left join warehouse.restricted.int_records__resolved as resolved
            using (namespace, record_id)
    """)
    if known.labels:
        connection.execute(f"""
            create or replace temp table labels as
            select is_same, one.found = other.found as is_found
            from ({known.labels}) as labels
            inner join judged as one on labels.record_id = one.record_id
            inner join judged as other on labels.other_record_id = other.record_id
        """)

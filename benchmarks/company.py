"""The generated company that is measured, and what of it comes on which night."""

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from orchestration.decisions import DATABASE
from orchestration.formats import literal
from orchestration.settings import PROJECT, Settings

SEED = 1
# The first delivery has all history; the two days after it are 0.2 % new rows.
NIGHTS = 3
DAYS_LATE = 60
LATE_ORDER = "LATE-1"


def generate(company: Path, customers: int) -> bool:
    """Make the company, unless it lies there as asked for; True if it was made.

    A company of another size, or of an older generator, is made anew.
    """
    arguments = ["--customers", str(customers), "--seed", str(SEED)]
    arguments += ["--nights", str(NIGHTS)]
    files = sorted((PROJECT / "seeds" / "generator").rglob("*"))
    sources = [file for file in files if file.suffix in (".py", ".sql")]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    asked = json.dumps({"arguments": arguments, "generator": digest.hexdigest()})
    made = company.with_name(f"{company.name}.json")
    if made.exists() and made.read_text("utf-8") == asked:
        return False
    made.unlink(missing_ok=True)
    shutil.rmtree(company, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "seeds.generator", "--out", str(company), *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    made.write_text(asked, "utf-8")
    return True


def days(company: Path) -> list[date]:
    """The days of the deliveries, first to last."""
    with duckdb.connect() as connection:
        files = literal(str(company / "truth" / "files.parquet"))
        return [
            day
            for (day,) in connection.execute(
                f"select distinct exported_on from read_parquet({files}) order by 1"
            ).fetchall()
        ]


def deliver(company: Path, landing: Path, wanted: list[date]) -> None:
    """Put the files of these days into the landing folder; they take no room there."""
    stamps = tuple(f"_{day}" for day in wanted)
    for source in sorted((company / "landing").glob("*/*/*")):
        if any(stamp in source.name for stamp in stamps):
            target = landing / source.relative_to(company / "landing")
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(source, target)
            except OSError:  # another file system
                shutil.copyfile(source, target)


def deliver_late(company: Path, settings: Settings) -> tuple[str, str]:
    """An order that is told of late, and a CRM record that turns out to be another's.

    Both come in exports of the day after the last one. Returns the numbers of the two
    customers who are one from now on, in the CRM and in the shop.
    """
    day = days(company)[-1] + timedelta(days=1)
    landing = settings.landing_dir
    in_crm, in_shop, orders_again = chosen(settings.published / DATABASE)
    ordered = datetime.combine(day, datetime.min.time()).replace(hour=12)
    ordered -= timedelta(days=DAYS_LATE)
    write(
        landing / "shop" / "orders" / f"orders_{day}.csv",
        {
            "order_id": LATE_ORDER,
            "source_customer_id": orders_again,
            "ordered_at": f"{ordered:%Y-%m-%dT%H:%M:%S}+08:00",
            "status": "completed",
            "currency": "CNY",
            "gross_amount": "480.00",
            "discount_amount": "0.00",
            "shipping_amount": "0.00",
            "cost_amount": "300.00",
            "sales_channel": "web",
            "updated_at": f"{ordered:%Y-%m-%dT%H:%M:%S}+08:00",
        },
    )
    write(
        landing / "crm" / "customers" / f"customers_{day}.csv",
        record(settings.raw, in_crm)
        | {"id_in_shop": in_shop, "updated_at": f"{day} 10:00:00"},
    )
    return in_crm, in_shop


def chosen(database: Path) -> tuple[str, str, str]:
    """Who is merged, in the CRM and in the shop, and who ordered once more.

    The two to be merged are customers of one record each, so far, and have both done
    something; none of the three is chosen by chance.
    """
    with duckdb.connect(str(database), read_only=True) as published:
        found = published.execute("""
            with alone as (
                select customer_key, min(namespace) as namespace, min(record_id) as id
                from marts.customer_identities
                group by customer_key
                having count(*) = 1
            )
            select
                min(id) filter (namespace = 'crm' and not is_inferred),
                min(id) filter (namespace = 'shop' and order_count > 1),
                (
                    select min(record_id)
                    from marts.customer_identities
                    inner join marts.customers using (customer_key)
                    where namespace = 'shop' and order_count > 3 and not is_inferred
                )
            from alone
            inner join marts.customers using (customer_key)
        """).fetchone()
    if None in found:
        raise RuntimeError("The company has no two customers who could be merged.")
    return found


def record(raw: Path, customer: str) -> dict[str, str]:
    """A customer's newest version as the CRM exported it: raw keeps every text."""
    files = literal(str(raw / "crm" / "customers" / "*.parquet"))
    with duckdb.connect() as connection:
        cursor = connection.execute(
            f"select columns('^[^_]') from read_parquet({files}, union_by_name = true) "
            "where source_customer_id = ? "
            "order by _exported_at desc, updated_at desc limit 1",
            [customer],
        )
        names = [column[0] for column in cursor.description]
        values = cursor.fetchone()
    if values is None:
        raise RuntimeError(f"{customer} is in no export of the CRM.")
    return {name: value or "" for name, value in zip(names, values, strict=True)}


def write(path: Path, row: dict[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, row)
        writer.writeheader()
        writer.writerow(row)


def check_late(settings: Settings, in_crm: str, in_shop: str) -> None:
    """Raises RuntimeError unless the late order is there and the two are one."""
    database = settings.published / DATABASE
    with duckdb.connect(str(database), read_only=True) as published:
        (orders,) = published.execute(
            "select count(*) from marts.orders "
            "where order_id = ? and customer_key is not null",
            [LATE_ORDER],
        ).fetchone()
        (keys,) = published.execute(
            "select count(distinct customer_key) from marts.customer_identities "
            "where (namespace, record_id) in (('crm', ?), ('shop', ?))",
            [in_crm, in_shop],
        ).fetchone()
    if orders != 1:
        raise RuntimeError(f"The late order is {orders} times in marts.orders.")
    if keys != 1:
        raise RuntimeError(f"crm {in_crm} and shop {in_shop} are {keys} customers.")

"""Landing a large CSV against DuckDB's bare COPY of the same file to Parquet."""

import tempfile
import time
from datetime import datetime
from pathlib import Path

from expectations import Result
from orchestration import landing
from orchestration.formats import literal
from orchestration.settings import Settings, from_environment

THREADS = 2
MEMORY_LIMIT = "4GB"
# Other work on the machine slows a measurement, nothing quickens it.
ROUNDS = 3
ROWS_IN_A_MEGABYTE = 8_000

# The fifteen columns that a shop exports, about 125 bytes a row.
ORDERS = """
    select
        'O' || number as order_id,
        'C' || hash(number) % 1000000 as source_customer_id,
        null as contact_email,
        null as contact_phone,
        strftime(ordered_at, '%Y-%m-%dT%H:%M:%S+08:00') as ordered_at,
        ['placed', 'paid', 'shipped', 'completed', 'cancelled'][1 + number % 5]
            as status,
        'CNY' as currency,
        cast(hash(number) % 10000000 / 100 as decimal(18, 2)) as gross_amount,
        cast(hash(number) % 1000 / 100 as decimal(18, 2)) as discount_amount,
        cast(hash(number) % 2000 / 100 as decimal(18, 2)) as shipping_amount,
        cast(hash(number) % 5000000 / 100 as decimal(18, 2)) as cost_amount,
        null as refunded_at,
        strftime(ordered_at + interval 3 day, '%Y-%m-%dT%H:%M:%S+08:00') as promised_at,
        ['store', 'web', 'app'][1 + number % 3] as sales_channel,
        '上海' || hash(number) % 50 as store
    from (
        select
            range as number,
            timestamp '2020-01-01'
                + to_seconds(cast(hash(range) % 200000000 as bigint)) as ordered_at
        from range({rows})
    )
"""


def measure(megabytes: int) -> dict:
    """Seconds of each, the best of a few rounds, and how many times slower we are."""
    with tempfile.TemporaryDirectory(prefix="tierkeeper-") as folder:
        settings = from_environment(
            {
                "LANDING_DIR": f"{folder}/landing",
                "DATA_DIR": f"{folder}/data",
                "THREADS": str(THREADS),
                "MEMORY_LIMIT": MEMORY_LIMIT,
            }
        )
        export = settings.landing_dir / "shop" / "orders" / "orders_2026-06-30.csv"
        rows = megabytes * ROWS_IN_A_MEGABYTE
        write_export(settings, export, rows)
        bare, landed = [], []
        for turn in range(ROUNDS):
            bare.append(bare_copy(settings, export, Path(folder) / "bare.parquet"))
            landed.append(land(settings, Path(folder) / f"data-{turn}", rows))
        return {
            "megabytes": round(export.stat().st_size / 1e6),
            "rows": rows,
            "threads": THREADS,
            "bare_copy_seconds": round(min(bare), 2),
            "landing_seconds": round(min(landed), 2),
            "ratio": round(min(landed) / min(bare), 2),
        }


def write_export(settings: Settings, export: Path, rows: int) -> None:
    export.parent.mkdir(parents=True)
    with landing.connect(settings) as connection:
        connection.execute(
            f"copy ({ORDERS.format(rows=rows)}) to {literal(str(export))} (header)"
        )


def bare_copy(settings: Settings, export: Path, target: Path) -> float:
    with landing.connect(settings) as connection:
        started = time.perf_counter()
        connection.execute(
            f"copy (from read_csv({literal(str(export))}, all_varchar = true)) "
            f"to {literal(str(target))} (format parquet)"
        )
        return time.perf_counter() - started


def land(settings: Settings, data_dir: Path, rows: int) -> float:
    """A night's whole landing into an empty folder: hashed, read, profiled, entered."""
    fresh = from_environment(
        {
            "LANDING_DIR": str(settings.landing_dir),
            "DATA_DIR": str(data_dir),
            "THREADS": str(THREADS),
            "MEMORY_LIMIT": MEMORY_LIMIT,
        }
    )
    started = time.perf_counter()
    done = landing.land(fresh, lambda *_: Result(), [], datetime(2026, 7, 1))
    seconds = time.perf_counter() - started
    (delivery,) = done.deliveries
    if (delivery.row_count, delivery.unparsed_count) != (rows, 0):
        raise RuntimeError(f"{rows} rows were written, and not all have landed.")
    return seconds

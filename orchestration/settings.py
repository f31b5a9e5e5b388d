"""Where things are and how much they may use: the only reader of the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PROJECT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT / "dbt_project"
REFERENCE = PROJECT / "seeds" / "reference"

# Public on purpose, so that a fresh clone gives the same keys everywhere.
SAMPLE_PSEUDONYM_KEY = "tierkeeper-public-sample-key"


class SettingsError(Exception):
    """A setting that cannot be used; the message says which, and what to set."""


@dataclass(frozen=True)
class Settings:
    """The settings of one installation, read once and handed on.

    Paths are absolute. `as_of_date` is None when the warehouse is to find it in the
    data: the last day that the required feeds cover; `history_from` likewise: the first
    month end after the earliest valid order.
    """

    landing_dir: Path
    data_dir: Path
    as_of_date: date | None
    history_from: date | None
    business_timezone: str
    base_currency: str
    threads: int
    memory_limit: str
    pseudonym_key: str
    snapshots_kept: int

    @property
    def raw(self) -> Path:
        return self.data_dir / "raw"

    @property
    def rejected(self) -> Path:
        return self.data_dir / "rejected"

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def warehouse(self) -> Path:
        """The private build file; nobody but the night reads it."""
        return self.data_dir / "build" / "warehouse.duckdb"

    @property
    def marts(self) -> Path:
        """The private file of marts and quality beside it: publishing copies it."""
        return self.warehouse.with_name("tierkeeper.duckdb")

    @property
    def snapshots(self) -> Path:
        return self.data_dir / "snapshots"

    @property
    def published(self) -> Path:
        """A symbolic link to the newest whole snapshot: switching it is one step."""
        return self.data_dir / "published"

    @property
    def data_docs(self) -> Path:
        return self.data_dir / "data_docs"

    @property
    def dagster_home(self) -> Path:
        return self.data_dir / "dagster"

    @property
    def temporary(self) -> Path:
        return self.data_dir / "tmp"

    @property
    def uses_sample_key(self) -> bool:
        return self.pseudonym_key == SAMPLE_PSEUDONYM_KEY

    def latest_allowed_date(self) -> date:
        """Yesterday in the business time zone: the only look at the clock."""
        today = datetime.now(ZoneInfo(self.business_timezone)).date()
        return today - timedelta(days=1)

    def export(self) -> None:
        """Hand on to dbt and Dagster what they read from the environment themselves."""
        os.environ |= {
            "DATA_DIR": str(self.data_dir),
            "LANDING_DIR": str(self.landing_dir),
            "THREADS": str(self.threads),
            "MEMORY_LIMIT": self.memory_limit,
            "DAGSTER_HOME": str(self.dagster_home),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "GX_ANALYTICS_ENABLED": "false",
        }


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Raises SettingsError with one sentence for a value that cannot be used.
    """

    def text(name: str, default: str) -> str:
        return environment.get(name, "").strip() or default

    def path(name: str, default: str) -> Path:
        return (PROJECT / Path(text(name, default)).expanduser()).resolve()

    def day(name: str) -> date | None:
        value = text(name, "")
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise SettingsError(
                f"{name} is {value!r}: write a day such as 2026-06-30."
            ) from None

    def whole(name: str, default: int) -> int:
        value = text(name, str(default))
        if not re.fullmatch(r"0*[1-9][0-9]{0,8}", value):
            raise SettingsError(f"{name} is {value!r}: write a whole number from 1 on.")
        return int(value)

    timezone = text("BUSINESS_TIMEZONE", "Asia/Shanghai")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: only `Asia`
        raise SettingsError(
            f"BUSINESS_TIMEZONE is {timezone!r}: write a name of the time zone "
            "database, such as Asia/Shanghai or Europe/London."
        ) from None
    currency = text("BASE_CURRENCY", "CNY")
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise SettingsError(
            f"BASE_CURRENCY is {currency!r}: write an ISO 4217 code such as CNY."
        )
    memory = text("MEMORY_LIMIT", "1GB")
    if not re.fullmatch(r"(?=.*[1-9])\d+(\.\d+)?\s*([KMGT]i?B)", memory):
        raise SettingsError(f"MEMORY_LIMIT is {memory!r}: write a size such as 4GB.")
    for name in ("PUBLISH_POSTGRES_URL", "NOTIFY_URL"):
        if text(name, ""):
            raise SettingsError(
                f"{name} is set, but this version cannot use it yet: unset it. "
                "The snapshot in DATA_DIR/published is what it publishes."
            )
    return Settings(
        landing_dir=path("LANDING_DIR", "seeds/landing"),
        data_dir=path("DATA_DIR", "data"),
        as_of_date=day("AS_OF_DATE"),
        history_from=day("HISTORY_FROM"),
        business_timezone=timezone,
        base_currency=currency,
        threads=whole("THREADS", os.cpu_count() or 2),
        memory_limit=memory,
        pseudonym_key=text("PSEUDONYM_KEY", SAMPLE_PSEUDONYM_KEY),
        snapshots_kept=whole("SNAPSHOTS_KEPT", 14),
    )

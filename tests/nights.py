"""Real nights for tests: the command of `make nightly`, in folders of their own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.settings import PROJECT, Settings, from_environment

SAMPLE = PROJECT / "seeds" / "landing"
SMALL = PROJECT / "tests" / "landing"
SHARED = PROJECT.parent / "shared"


@dataclass(frozen=True)
class Night:
    """One finished `make nightly`: its settings, exit code and what it printed."""

    settings: Settings
    code: int
    output: str

    def query(self, sql: str) -> list[tuple]:
        """Query the published file as a BI tool would."""
        database = self.settings.published / "tierkeeper.duckdb"
        with duckdb.connect(str(database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def one(self, sql: str) -> tuple:
        (row,) = self.query(sql)
        return row


def run(landing: Path, data: Path, **environment: str) -> Night:
    """Run a night on `landing` into `data`."""
    given = {"LANDING_DIR": str(landing), "DATA_DIR": str(data), **environment}
    done = subprocess.run(
        [sys.executable, "-m", "orchestration", "nightly"],
        cwd=PROJECT,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
    )
    return Night(from_environment(given), done.returncode, done.stdout + done.stderr)

"""One raw, built by dbt on either engine, in the folder of the installation."""

import json
import subprocess
from pathlib import Path

from engines.parity import marts
from orchestration import inputs, transform
from orchestration.settings import PROJECT, Settings

SESSION, THRIFT = "spark_session", "spark_thrift"


class BuildError(Exception):
    """dbt did not build; the message is what it said, and where its log is."""


def in_a_process(command: list[str]) -> bool:
    """Run dbt's command line in a process of its own; whether it did all."""
    return subprocess.run(command, cwd=PROJECT, capture_output=True).returncode == 0


def on_duckdb(settings: Settings) -> None:
    """Build the models on DuckDB; their tests are the night's.

    Raises BuildError.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    run(settings, settings.warehouse.parent, "duckdb", tests=False)


def on_spark(settings: Settings, target: str = SESSION, *, tests: bool = True) -> None:
    """Build the models on Spark, upon what an earlier night built there if it can be.

    What was built from other code, lists or settings, or broke off, begins anew.
    Raises BuildError.
    """
    folder(settings).mkdir(parents=True, exist_ok=True)
    run(settings, folder(settings), target, tests=tests)


def run(settings: Settings, kept: Path, target: str, *, tests: bool) -> None:
    found = inputs.published_from(settings)
    arguments = ["build", "--exclude-resource-types", "unit_test"]
    if not tests:
        arguments.append("test")
    arguments += ["--target", target]
    if inputs.begins_anew(settings, kept):
        arguments.append("--full-refresh")
    (kept / inputs.KEPT).unlink(missing_ok=True)
    settings.export()
    command = transform.command(settings, arguments)
    command[command.index("--target-path") + 1] = str(kept / "dbt")
    log = kept / "logs"
    if not in_a_process([*command, "--log-path", str(log)]):
        raise BuildError(f"dbt on {target} stopped ({log / 'dbt.log'}):\n{told(kept)}")
    inputs.keep_build(kept, found)


def told(kept: Path) -> str:
    """What dbt's results say of the nodes that failed, a line each."""
    path = kept / "dbt" / "run_results.json"
    results = json.loads(path.read_text("utf-8"))["results"] if path.exists() else []
    broken = [row for row in results if row["status"] in ("error", "fail")]
    lines = [transform.sentence(row) for row in broken]
    return "\n".join(lines) or "it did not come as far as the models."


def folder(settings: Settings) -> Path:
    """Where Spark keeps what it builds for this installation."""
    return settings.data_dir / "spark"


def warehouse(settings: Settings) -> Path:
    """Spark's tables, a folder each: <schema>.db/<table>."""
    return folder(settings) / "warehouse"


def manifest(settings: Settings) -> Path:
    """What dbt read of the project when it built on Spark."""
    return folder(settings) / "dbt" / "manifest.json"


def mart_count(settings: Settings) -> int:
    return len(marts(json.loads(manifest(settings).read_text("utf-8"))))

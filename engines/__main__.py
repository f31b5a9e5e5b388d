"""The command behind `make spark`: python -m engines."""

import sys
import time
from dataclasses import replace
from pathlib import Path

from engines import build, spark
from engines.parity import compare
from orchestration import policies
from orchestration.settings import Settings, SettingsError, from_environment


def main() -> int:
    try:
        settings = from_environment()
        policies.check()
    except (SettingsError, policies.PolicyError) as error:
        sys.exit(str(error))
    if said := spark.missing():
        sys.exit(said)
    if not settings.raw.exists():
        sys.exit(f"There is no raw in {settings.data_dir}: run `make nightly` first.")
    beside = besides(settings)
    started = time.perf_counter()
    try:
        build.on_duckdb(beside)
        on_duckdb = time.perf_counter() - started
        print(f"DuckDB: built in {on_duckdb:.0f} s; Spark follows.", flush=True)
        build.on_spark(beside)
    except build.BuildError as error:
        sys.exit(str(error))
    on_spark = time.perf_counter() - started - on_duckdb
    print(f"Spark: built and tested in {on_spark:.0f} s.")
    found = compare(build.manifest(beside), beside.marts, build.warehouse(beside))
    for difference in found:
        print(f"{difference.mart}: {difference.sentence}")
    count = build.mart_count(beside)
    if found:
        print(f"The engines differ in {len({d.mart for d in found})} of {count} marts.")
        return 1
    print(f"All {count} marts are the same on both, cell by cell.")
    return 0


def besides(settings: Settings) -> Settings:
    """The same raw with builds of its own: what a night has built stays as it is."""
    folder = settings.data_dir / "parity"
    folder.mkdir(parents=True, exist_ok=True)
    raw = folder / "raw"
    if not raw.is_symlink():
        raw.symlink_to(Path("..") / settings.raw.name, target_is_directory=True)
    return replace(settings, data_dir=folder)


if __name__ == "__main__":
    sys.exit(main())

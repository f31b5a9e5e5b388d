"""The four nights of `make bench`, on one generated company, and their floor."""

import json
import os
import platform
import shutil
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from benchmarks import company, floor, nights
from orchestration.settings import PROJECT, from_environment

# Customers; each brings about ten orders.
SCALES = {"s": 5_000, "m": 1_000_000, "l": 10_000_000}
FULL = "full build"
NEW = "0.2 % new rows"
NOTHING = "nothing new"
LATE = "60 days late, and a merge"
# Settings that would steer a night away from what is measured.
UNSET = (
    "AS_OF_DATE",
    "BASE_CURRENCY",
    "BUSINESS_TIMEZONE",
    "HISTORY_FROM",
    "PSEUDONYM_KEY",
)
RESULT = "result.json"


class Unusable(Exception):
    """The folder for the results cannot be used; the message says why."""


def run(name: str, customers: int, out: Path) -> dict:
    """Generate, run the four nights and the floor; the result, also as a file in `out`.

    Raises nights.Failed with a night's own words.
    """
    company_folder, work, result = out / "company", out / "work", out / RESULT
    if out.exists() and any(out.iterdir()) and not (out / "company.json").exists():
        raise Unusable(f"{out} is not empty and no folder of an earlier bench.")
    out.mkdir(parents=True, exist_ok=True)
    result.unlink(missing_ok=True)
    shutil.rmtree(work, ignore_errors=True)
    given = {
        "LANDING_DIR": str(work / "landing"),
        "DATA_DIR": str(work / "data"),
        "SNAPSHOTS_KEPT": "2",
        **dict.fromkeys(UNSET, ""),
    }
    environment = {**os.environ, **given}
    settings = from_environment(environment)
    project, database = work / "project.pickle", work / "floor.duckdb"

    started = time.perf_counter()
    is_made = company.generate(company_folder, customers)
    said = f"{time.perf_counter() - started:.1f} s" if is_made else "there already"
    print(f"{name}: a company of {customers:,} customers: {said}", flush=True)
    first, *later = company.days(company_folder)

    steps: list[dict] = []

    def night(step: str, *, has_floor: bool = True) -> None:
        measured = nights.measure(environment)
        before = steps[-1]["raw_rows"] if steps else 0
        measured |= {"step": step, "new_rows": measured["raw_rows"] - before}
        if has_floor:
            if not project.exists():
                floor.compile_project(environment, project)
            bare = floor.measure(environment, project, database, full=not steps)
            measured |= beside(measured, bare)
        steps.append(measured)
        print(sentence(measured), flush=True)

    company.deliver(company_folder, settings.landing_dir, [first])
    night(FULL)
    company.deliver(company_folder, settings.landing_dir, later)
    night(NEW)
    night(NOTHING, has_floor=False)
    merged = company.deliver_late(company_folder, settings)
    night(LATE)
    company.check_late(settings, *merged)

    found = {
        "name": name,
        "measured_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": machine(),
        "settings": {
            "threads": settings.threads,
            "memory_limit": settings.memory_limit,
        },
        "steps": steps,
    }
    result.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    return found


def beside(measured: dict, bare: dict) -> dict:
    """What the floor took, and how many times as long the night took."""
    models = sum(
        seconds
        for stage, seconds in measured["stages"].items()
        if stage in ("dbt models", "dbt seeds")
    )
    return {
        "floor_seconds": bare["seconds"],
        "floor_peak_megabytes": bare["peak_megabytes"],
        "floor_of_slowest_models": {
            name: bare["models"].get(name) for name in measured["slowest_models"]
        },
        "ratio": round(measured["seconds"] / bare["seconds"], 2),
        "models_ratio": round(models / bare["seconds"], 2),
    }


def sentence(step: dict) -> str:
    held = f", {step['ratio']} times the floor" if "ratio" in step else ""
    return (
        f"  {step['step']}: {step['seconds']:.1f} s, {step['peak_megabytes']:,} MB, "
        f"{step['new_rows']:,} rows landed{held}"
    )


def machine() -> dict:
    """What the figures were taken on, and of which commit."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "python": platform.python_version(),
        "duckdb": metadata.version("duckdb"),
        "dbt": metadata.version("dbt-core"),
        "dagster": metadata.version("dagster"),
        "great_expectations": metadata.version("great-expectations"),
        "commit": commit(),
    }


def commit() -> str:
    """The commit checked out, read without git; changes since then do not show."""
    git = PROJECT / ".git"
    head = git / "HEAD"
    if not head.exists():
        return ""
    name = head.read_text().strip().removeprefix("ref: ")
    if (git / name).exists():
        return (git / name).read_text().strip()[:12]
    packed = git / "packed-refs"
    lines = packed.read_text().splitlines() if packed.exists() else []
    return next((line[:12] for line in lines if line.endswith(name)), name[:12])

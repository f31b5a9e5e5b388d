"""One real night, measured from outside: seconds by stage, memory, slowest models."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import dagster as dg
import duckdb

from orchestration import transform
from orchestration.decisions import DATABASE
from orchestration.settings import PROJECT, Settings, from_environment

# How often memory is looked at, and what share of the time looking may take: the page
# tables of a large process take a while to read, and it waits meanwhile.
EVERY_SECONDS = 0.2
SHARE_OF_LOOKING = 0.05
SLOWEST = 10
# unique id, start, end
Node = tuple[str, float, float]
NAMES = {"audit_marts": "audit", "dbt_build": "dbt left out"}


class Failed(Exception):
    """A command of the benchmark ended badly; the message is all that it said."""


def measure(given: dict[str, str]) -> dict:
    """Run `make nightly`'s command with this environment; what it took.

    Raises Failed with the night's own words.
    """
    settings = from_environment(given)
    began = time.time()
    seconds, peak = timed([sys.executable, "-m", "orchestration", "nightly"], given)
    nodes = dbt_nodes(settings, began)
    return {
        "seconds": seconds,
        "peak_megabytes": peak,
        "stages": stages(settings, began, began + seconds, nodes),
        "slowest_models": slowest(nodes),
        **rows(settings),
    }


def timed(command: list[str], given: dict[str, str]) -> tuple[float, int]:
    """(seconds, peak MB of the process and all it started) of one command."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        pause = EVERY_SECONDS
        while not done.wait(pause):
            looked = time.perf_counter()
            peak = max(peak, resident(process.pid))
            looking = time.perf_counter() - looked
            pause = max(EVERY_SECONDS, looking / SHARE_OF_LOOKING)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        output, _ = process.communicate()
    finally:
        done.set()
        watcher.join()
    if process.returncode:
        raise Failed(f"{' '.join(command[1:])} failed:\n{output}")
    return round(time.perf_counter() - started, 2), peak


def resident(pid: int) -> int:
    """Megabytes that a process and its descendants hold, shared pages split."""
    kilobytes, children = 0, ""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kilobytes = int(line.split()[1])
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += (task / "children").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass  # it, or one of its threads, has just ended
    return kilobytes // 1024 + sum(resident(int(child)) for child in children.split())


def rows(settings: Settings) -> dict[str, int]:
    """How much the published night stands on, by what it publishes itself."""
    database = settings.published / DATABASE
    with duckdb.connect(str(database), read_only=True) as published:
        found = published.execute(
            "select (select count(*) from marts.customers), "
            "(select count(*) from marts.orders), "
            "(select sum(raw_count) from quality.row_conservation "
            "where source <> 'tierkeeper')"
        ).fetchone()
    return dict(zip(("customers", "orders", "raw_rows"), map(int, found), strict=True))


# --- where the time goes -------------------------------------------------------------


def dbt_nodes(settings: Settings, began: float) -> list[Node]:
    """(unique id, start, end) of what dbt ran since then; none if dbt was left out."""
    path = transform.target_path(settings) / "run_results.json"
    if not path.exists() or path.stat().st_mtime < began:
        return []
    nodes = [
        (
            row["unique_id"],
            instant(row["timing"][0]["started_at"]),
            instant(row["timing"][-1]["completed_at"]),
        )
        for row in json.loads(path.read_text("utf-8"))["results"]
        if row["timing"]
    ]
    return [node for node in nodes if node[1] < node[2]]


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def slowest(nodes: list[Node]) -> dict[str, float]:
    models = {
        unique_id.split(".")[-1]: round(end - start, 2)
        for unique_id, start, end in nodes
        if unique_id.startswith("model.")
    }
    ordered = sorted(models.items(), key=lambda model: (-model[1], model[0]))
    return dict(ordered[:SLOWEST])


def stages(
    settings: Settings,
    began: float,
    ended: float,
    nodes: list[Node],
) -> dict[str, float]:
    """Seconds by stage; together they are the whole night.

    Each instant counts once: where dbt has two nodes at work, each has half of it.
    """
    found: dict[str, float] = defaultdict(float)
    steps = dagster_steps(settings, began)
    if not steps:
        return {"rest": round(ended - began, 2)}
    found["start"] = min(start for start, _ in steps.values()) - began
    for name, (start, end) in steps.items():
        if name == "dbt_build" and nodes:
            for kind, seconds in dbt_stages(nodes, start, end).items():
                found[kind] += seconds
        elif name == "published":
            found["page"] = seconds = page_seconds(settings)
            found["publish"] = end - start - seconds
        else:
            found[NAMES.get(name, name)] += end - start
    found["rest"] = ended - began - sum(found.values())
    return {name: round(seconds, 2) for name, seconds in found.items()}


def dagster_steps(settings: Settings, began: float) -> dict[str, tuple[float, float]]:
    """{step: (start, end)} of the night that began then, first to last."""
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        (newest,) = instance.get_run_records(limit=1)
        if newest.create_timestamp.timestamp() < began:
            return {}
        ran = [
            step
            for step in instance.get_run_step_stats(newest.dagster_run.run_id)
            if step.start_time and step.end_time
        ]
    ran.sort(key=lambda step: step.start_time)
    return {step.step_key: (step.start_time, step.end_time) for step in ran}


def dbt_stages(nodes: list[Node], began: float, ended: float) -> dict[str, float]:
    """Seconds of dbt's start, seeds, models, tests and idle time, and of its report."""
    changes = sorted(
        [(start, 1, name.split(".")[0]) for name, start, _ in nodes]
        + [(end, -1, name.split(".")[0]) for name, _, end in nodes]
    )
    found: dict[str, float] = defaultdict(float)
    running: dict[str, int] = defaultdict(int)
    before = changes[0][0]
    for at, change, kind in changes:
        busy = sum(running.values())
        for name, count in running.items():
            if count:
                found[f"dbt {name}s"] += (at - before) * count / busy
        if not busy:
            found["dbt between"] += at - before
        running[kind] += change
        before = at
    return {
        "dbt start": changes[0][0] - began,
        **found,
        "dbt end and events": ended - before,
    }


def page_seconds(settings: Settings) -> float:
    """From the last Parquet file of the snapshot to the last file of its page."""
    snapshot = settings.published.resolve()
    tables = [path.stat().st_mtime for path in snapshot.glob("parquet/*/*.parquet")]
    page = [path.stat().st_mtime for path in snapshot.glob("[iw]*.*")]
    return max(page) - max(tables)

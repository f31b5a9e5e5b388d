"""What a night costs beside plain dbt of the same models, in seconds and memory."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from orchestration import transform
from orchestration.settings import PROJECT, from_environment


def measure(landing: Path, environment: dict[str, str]) -> dict:
    """Two nights on a landing folder and two plain dbt builds of the same models.

    Seconds are of whole commands, start to end; memory is the most that all processes
    of the command held together (resident, MB). The second of each is warm: dbt's
    parse is kept, and the night finds nothing new.
    """
    with tempfile.TemporaryDirectory() as folder:
        given = {"LANDING_DIR": str(landing), "DATA_DIR": folder, **environment}
        settings = from_environment(given)
        settings.export()
        night = [sys.executable, "-m", "orchestration", "nightly"]
        dbt = transform.command(
            settings, ["build", "--exclude-resource-type", "unit_test"]
        )
        first_night, night_memory = timed(night, given)
        second_night, _ = timed(night, given)
        timed(dbt, given)
        plain, dbt_memory = timed(dbt, given)
    return {
        "first_night_seconds": first_night,
        "second_night_seconds": second_night,
        "plain_dbt_seconds": plain,
        "added_seconds": round(second_night - plain, 1),
        "night_megabytes": night_memory,
        "plain_dbt_megabytes": dbt_memory,
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
        while not done.wait(0.2):
            peak = max(peak, resident(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, _ = process.communicate()
    done.set()
    watcher.join()
    if process.returncode:
        raise RuntimeError(output)
    return round(time.perf_counter() - started, 1), peak


def resident(pid: int) -> int:
    """Megabytes that a process and its descendants hold, shared pages split."""
    kilobytes = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kilobytes = int(line.split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0  # it has just ended
    return kilobytes // 1024 + sum(resident(int(child)) for child in children)

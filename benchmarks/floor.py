"""The floor that a night is held against, in a process of its own.

python -m benchmarks.floor builds the compiled models in one bare DuckDB connection,
whose database is a file, with the settings of the environment; JSON is what it prints.
"""

import argparse
import json
import pickle
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import bare
from benchmarks.nights import Failed
from orchestration.settings import PROJECT, from_environment


def compile_project(given: dict[str, str], target: Path) -> None:
    """Keep the compiled project of a built warehouse in a file for `measure`."""
    target.write_bytes(pickle.dumps(bare.project(from_environment(given))))


def measure(
    environment: dict[str, str], project: Path, database: Path, *, full: bool
) -> dict:
    """Seconds, peak memory and {model: seconds} of one build, full or incremental."""
    command = [sys.executable, "-m", "benchmarks.floor"]
    command += ["--project", str(project), "--database", str(database)]
    done = subprocess.run(
        [*command, "--full"] if full else command,
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Failed(f"The floor failed:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--full", action="store_true")
    arguments = parser.parse_args()
    settings = from_environment()
    project = pickle.loads(arguments.project.read_bytes())  # our own, of a minute ago
    started = time.perf_counter()
    with bare.connect(settings, arguments.database) as connection:
        bare.prepare(connection, project, settings.raw)
        models = dict(bare.build(connection, project, full=arguments.full))
    seconds = time.perf_counter() - started
    print(
        json.dumps(
            {
                "seconds": round(seconds, 2),
                "peak_megabytes": bare.peak_megabytes(),
                "models": {
                    relation.split(".")[2]: round(taken, 3)
                    for relation, taken in models.items()
                },
            }
        )
    )


if __name__ == "__main__":
    main()

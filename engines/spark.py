"""What every way of running Spark needs: its home, its Java, and its settings."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib import util
from pathlib import Path

import jinja2
import yaml

from orchestration.settings import DBT_PROJECT

OLDEST_JAVA = 17


def home() -> Path:
    """The folder of the pip package: a whole Spark, but for its start scripts."""
    package = util.find_spec("pyspark")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("pyspark")
    return Path(package.origin).parent


def java_major(told: str) -> int | None:
    """Java's major version in what `java -version` tells: 8 of "1.8.0_412"."""
    found = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(found[1]) if found else None


def missing() -> str | None:
    """What Spark lacks on this machine, in one sentence; None if it can start."""
    if util.find_spec("pyspark") is None:
        return "Spark needs pyspark, which is not installed: `make spark` installs it."
    java = os.environ.get("JAVA_HOME", "")
    java = str(Path(java) / "bin" / "java") if java else "java"
    if shutil.which(java) is None:
        return f"Spark needs Java {OLDEST_JAVA} or newer: {java} was not found."
    told = subprocess.run([java, "-version"], capture_output=True, text=True)
    major = java_major(told.stderr)
    if major is None or major < OLDEST_JAVA:
        return (
            f"Spark needs Java {OLDEST_JAVA} or newer: {java} is "
            f"{f'Java {major}' if major else 'no Java that tells its version'}."
        )
    return None


def configuration(
    data_dir: Path, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Spark's settings as profiles.yml gives them to a session: their only home."""
    profiles = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text("utf-8"))
    output = profiles["tierkeeper"]["outputs"]["spark_session"]
    known = {**environment, "DATA_DIR": str(data_dir)}
    templates = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    templates.globals["env_var"] = lambda name, default="": known.get(name, default)
    return {
        name: templates.from_string(str(value)).render()
        for name, value in output["server_side_parameters"].items()
    }


if __name__ == "__main__":
    sys.exit(missing())

"""What a night is made from, as fingerprints: is anything new, and does all begin anew?

A mart is a pure function of raw, reference data, settings and code. Where none of them
has changed since the published snapshot, a build would give the same snapshot again;
where code, lists or settings have, what earlier nights built cannot be built upon.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import duckdb

from orchestration.landing import OURS, SHAPE
from orchestration.settings import DBT_PROJECT, PROJECT, REFERENCE, Settings

# What of dbt's project it parses; its logs and targets may lie beside.
PARTS = ("models", "macros", "tests")
# What shapes a snapshot besides: its audits, its page, the versions of libraries.
CODE = ("expectations", "orchestration", "page")
KEPT = "inputs.json"
DECISIONS = f"{OURS}/decisions/"


def models() -> list[Path]:
    """Every file that dbt builds from: models, macros, lists and its settings."""
    folders = [*(DBT_PROJECT / part for part in PARTS), REFERENCE]
    return [
        *DBT_PROJECT.glob("*.yml"),
        *(file for folder in folders for file in folder.rglob("*") if file.is_file()),
    ]


def built_from(settings: Settings) -> dict:
    """What incremental models take for granted: their code, lists and settings."""
    return {
        "models": fingerprint([*models(), PROJECT / "requirements.lock"]),
        "settings": [
            settings.business_timezone,
            settings.base_currency,
            hashlib.sha256(settings.pseudonym_key.encode()).hexdigest(),
        ],
    }


def published_from(settings: Settings) -> dict:
    """All that a snapshot is made from; equal values, equal snapshots."""
    return built_from(settings) | {
        "code": fingerprint(
            file for part in CODE for file in (PROJECT / part).rglob("*.*")
        ),
        "asked_for": [str(settings.as_of_date), str(settings.history_from)],
        "raw": batches(settings),
    }


def fingerprint(files: Iterable[Path]) -> str:
    """One hash of the names and contents of files, whatever their order."""
    found = hashlib.sha256()
    for file in sorted(files):
        if "__pycache__" not in file.parts:
            found.update(file.relative_to(PROJECT).as_posix().encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def batches(settings: Settings) -> list[str]:
    """Every batch of raw: its name tells its content."""
    return sorted(
        path.relative_to(settings.raw).as_posix()
        for path in settings.raw.glob("*/*/*.parquet")
        if path.name != SHAPE and path.parts[-3:-1] not in LOGS
    )


# Of our own raw, what says how a night went and not what it knows.
LOGS = {(OURS, "files"), (OURS, "settings")}


# --- does all begin anew? ------------------------------------------------------------


def begins_anew(settings: Settings, folder: Path) -> bool:
    """Whether a build was made from other code, lists, settings or more raw.

    `folder` is where it noted what it was made from; if nowhere, it is none.
    """
    kept = read(folder / KEPT)
    return not kept.items() >= built_from(settings).items() or not set(
        kept["raw"]
    ) <= set(batches(settings))


def keep_build(folder: Path, found: dict) -> None:
    """Note in its folder what a build was made from: `published_from` before dbt began.

    What changes while it builds is of the next night.
    """
    write(folder / KEPT, found)


# --- is anything new? ----------------------------------------------------------------


def is_published(settings: Settings) -> bool:
    """Whether a build would give the published snapshot again.

    Who takes the build away asks for another.
    """
    if not (settings.warehouse.exists() and settings.marts.exists()):
        return False
    kept = read(settings.published / KEPT)
    day = kept.pop("bound_by", None)
    return kept == published_from(settings) and day in (
        None,
        str(settings.latest_allowed_date()),
    )


def keep_published(settings: Settings, snapshot: Path, database: Path) -> None:
    """Note beside a snapshot what it was built from, its own decisions included.

    A day that nobody asked for never lies after yesterday: where that bound it, the
    next day is another.
    """
    with duckdb.connect(str(database), read_only=True) as published:
        (as_of_date,) = published.execute(
            "select as_of_date from quality.runs order by finished_at desc limit 1"
        ).fetchone()
    found = read(settings.warehouse.parent / KEPT)
    decided = [batch for batch in batches(settings) if batch.startswith(DECISIONS)]
    found["raw"] = sorted({*found["raw"], *decided})
    latest = settings.latest_allowed_date()
    if settings.as_of_date is None and as_of_date >= latest:
        found["bound_by"] = str(latest)
    write(snapshot / KEPT, found)


def read(path: Path) -> dict:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def write(path: Path, inputs: dict) -> None:
    """In one step: whole, or not at all."""
    coming = path.with_suffix(".coming")
    coming.write_text(json.dumps(inputs, indent=1), "utf-8")
    coming.replace(path)

"""dbt as one Dagster step: one process a night, one check a model."""

import contextlib
import json
import logging
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import dagster as dg
import duckdb
from dagster_dbt import DbtCliInvocation, DbtCliResource, build_dbt_asset_specs
from packaging.version import Version

from orchestration import inputs, logs, policies
from orchestration.formats import quoted
from orchestration.settings import DBT_PROJECT, REFERENCE, Settings

CHECK = "dbt_tests"
# That of this environment, whatever the PATH says.
EXECUTABLE = str(Path(sys.executable).with_name("dbt"))
log = logging.getLogger("tierkeeper")


class ProjectError(Exception):
    """dbt's project cannot be read; the message is dbt's own."""


# Those of dbt's commands that write models, and so may have to write them anew.
BUILDS = {"build", "run"}


class Dbt(DbtCliResource):
    """Dagster's dbt without what costs a night five seconds and gives it nothing.

    That is one more process just to ask dbt for its version, and a second adapter in
    this process for row counts that the profiles hold already.
    """

    @property
    def _cli_version(self) -> Version:
        return Version(metadata.version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:
        return None


def resource() -> Dbt:
    return Dbt(
        project_dir=str(DBT_PROJECT),
        profiles_dir=str(DBT_PROJECT),
        dbt_executable=EXECUTABLE,
    )


def target_path(settings: Settings) -> Path:
    return settings.data_dir / "build" / "dbt"


def manifest(settings: Settings) -> dict:
    """dbt's manifest, parsed anew only when a file of the project is younger."""
    path = target_path(settings) / "manifest.json"
    # Folders too: theirs is the only time that tells of a file taken away.
    folders = [*(DBT_PROJECT / part for part in inputs.PARTS), REFERENCE]
    inside = [file for folder in folders for file in folder.rglob("*")]
    sources = [*folders, *inside, *DBT_PROJECT.glob("*.yml")]
    newest = max(file.stat().st_mtime for file in sources)
    if not path.exists() or path.stat().st_mtime < newest:
        settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
        settings.export()
        resource().cli(["--quiet", "parse"], target_path=target_path(settings)).wait()
        path.touch()
    return json.loads(path.read_text("utf-8"))


def tests_by_node(manifest: dict) -> dict[str, str]:
    """{test's unique id: unique id of the model or seed that it is reported on}."""
    owners = {}
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] == "test":
            tested = [
                parent
                for parent in node["depends_on"]["nodes"]
                if parent.split(".")[0] in ("model", "seed")
            ]
            owners[unique_id] = node.get("attached_node") or tested[0]
    return owners


def keys_by_node(manifest: dict) -> dict[str, dg.AssetKey]:
    """{unique id of a model or seed: its asset key, [schema, name]}."""
    return {
        unique_id: dg.AssetKey([node["schema"], node["name"]])
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }


def models(settings: Settings) -> dg.AssetsDefinition:
    """Every seed and model as an asset, and one check on each that has tests."""
    parsed = manifest(settings)
    keys = keys_by_node(parsed)
    owners = tests_by_node(parsed)
    specs = build_dbt_asset_specs(manifest=parsed, exclude="resource_type:unit_test")
    tested = sorted({keys[node] for node in owners.values()})

    @dg.multi_asset(
        name="dbt_build",
        specs=specs,
        check_specs=[
            dg.AssetCheckSpec(
                CHECK, asset=key, description="All of dbt's tests on it.", blocking=True
            )
            for key in tested
        ],
        can_subset=True,  # in Dagster's words: a night may find nothing to build
    )
    def dbt_build(
        context: dg.AssetExecutionContext, dbt: DbtCliResource
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        if context.is_subset:
            raise dg.Failure(
                allow_retries=False,
                description="Models are built together: run the job nightly, or build "
                "some with `python -m orchestration dbt build --select …`.",
            )
        try:
            policies.check()
        except policies.PolicyError as error:
            raise dg.Failure(allow_retries=False, description=str(error)) from error
        if inputs.is_published(settings):
            log.info("nothing is new since the published snapshot: it stays")
            logs.append(
                settings, "runs", context.run_id, [unchanged(context, settings)]
            )
            # Dagster warns of checks that did not run: here nothing is published.
            logging.getLogger("dagster._core.execution.plan.active").setLevel(
                logging.ERROR
            )
            return  # without its assets, nothing after it runs
        found = inputs.published_from(settings)
        settings.export()
        settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
        path = target_path(settings) / "run_results.json"
        path.unlink(missing_ok=True)
        arguments = ["build", "--exclude-resource-type", "unit_test"]
        # Each query lies in a file there: logging it too takes a tenth of a build.
        arguments += ["--log-level-file", "info"]
        if inputs.begins_anew(settings, settings.warehouse.parent):
            log.info("dbt: every model from nothing")
            # A build that was killed leaves its `.wal` beside its file.
            for file in settings.warehouse.parent.glob("*.duckdb*"):
                file.unlink()
        else:
            make_room(settings, parsed)
        invocation = dbt.cli(
            arguments,
            target_path=target_path(settings),
            raise_on_error=False,
        )
        said = follow(invocation)
        if not path.exists():
            raise dg.Failure(
                allow_retries=False,
                description="dbt did not run: " + (said or "see its log."),
            )
        results = json.loads(path.read_text("utf-8"))["results"]
        yield from events(results, keys, owners, tested)
        logs.append(
            settings,
            "check_results",
            f"{context.run_id}-dbt",
            check_rows(context.run_id, results, parsed, owners),
        )
        broken = [row for row in results if row["status"] in ("error", "fail")]
        if broken:
            raise dg.Failure(
                allow_retries=False, description=stopped(broken, settings.memory_limit)
            )
        silent = unheard(results, keys, owners)
        if silent:
            raise dg.Failure(
                allow_retries=False,
                description="dbt did not build or test all: nothing was heard of "
                + ", ".join(silent),
            )
        inputs.keep_build(settings.warehouse.parent, found)

    return dbt_build


def make_room(settings: Settings, manifest: dict) -> None:
    """Drop the tables that dbt builds whole: else both stand there while it does.

    Their file would stay that large, and so would each snapshot, which is its copy.
    """
    for file in (settings.warehouse, settings.marts):
        with duckdb.connect(str(file)) as build:
            there = set(
                build.execute(
                    "select schema_name, table_name from duckdb_tables()"
                ).fetchall()
            )
            for node in manifest["nodes"].values():
                name = node["schema"], node["name"]
                is_whole = node["config"].get("materialized") == "table"
                if is_whole and name in there:
                    build.execute("drop table {}.{}".format(*map(quoted, name)))


def unheard(
    results: list[dict], keys: dict[str, dg.AssetKey], owners: dict[str, str]
) -> list[str]:
    """The models, lists and tests of which dbt's results say nothing, or that it left.

    Dagster lets a step that may find nothing to do leave out any of its checks.
    """
    heard = {row["unique_id"] for row in results if row["status"] != "skipped"}
    return sorted(node.split(".")[2] for node in {*keys, *owners} - heard)


def unchanged(context: dg.AssetExecutionContext, settings: Settings) -> logs.Run:
    """The line in the log of nights for one that found nothing to do."""
    started = context.instance.get_run_stats(context.run_id).start_time
    return logs.Run(
        run_id=context.run_id,
        started_at=datetime.fromtimestamp(started, UTC).replace(tzinfo=None),
        finished_at=datetime.now(UTC).replace(tzinfo=None),
        as_of_date=None,
        status="unchanged",
        message=f"nothing is new since {settings.published.resolve().name}",
        business_timezone=settings.business_timezone,
        base_currency=settings.base_currency,
    )


def follow(invocation: DbtCliInvocation) -> str:
    """Tell how far dbt is, in thirds; returns the last error that it told."""
    said = ""
    # Dagster's wrapper echoes each line of dbt: a night says less.
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        for event in invocation.stream_raw_events():
            info, data = event.raw_event["info"], event.raw_event["data"]
            if info["name"] == "FoundStats":
                log.info("dbt: %s", info["msg"][0].lower() + info["msg"][1:])
            elif info["name"] in ("LogModelResult", "LogSeedResult", "LogTestResult"):
                index = data["index"]
                total = data.get("total") or data["num_models"]  # as the node's kind
                if 3 * index // total > 3 * (index - 1) // total:
                    log.info("dbt: %d of %d done", index, total)
            elif info["level"] == "error" and info["msg"].strip():
                said = first_line(info["msg"])
    return said


def events(
    results: list[dict],
    keys: dict[str, dg.AssetKey],
    owners: dict[str, str],
    tested: list[dg.AssetKey],
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Dagster's events for dbt's results: an asset per node, a check per tested one."""
    failed, warned, ran = defaultdict(list), defaultdict(list), set()
    for row in results:
        unique_id = row["unique_id"]
        if unique_id in keys and row["status"] == "success":
            yield dg.MaterializeResult(
                asset_key=keys[unique_id],
                metadata={"seconds": round(row["execution_time"], 3)},
            )
        elif unique_id in owners and row["status"] != "skipped":
            key = keys[owners[unique_id]]
            ran.add(key)
            if row["status"] in ("fail", "error"):
                failed[key].append(sentence(row))
            elif row["status"] == "warn":
                warned[key].append(sentence(row))
    for key in tested:
        if key in ran:
            found = failed[key] or warned[key]
            yield dg.AssetCheckResult(
                asset_key=key,
                check_name=CHECK,
                passed=not found,
                severity=(
                    dg.AssetCheckSeverity.ERROR
                    if failed[key]
                    else dg.AssetCheckSeverity.WARN
                ),
                metadata={"found": "\n".join(found)} if found else {},
            )


def check_rows(
    run_id: str, results: list[dict], manifest: dict, owners: dict[str, str]
) -> list[logs.Check]:
    """dbt's tests as rows of the log of checks."""
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = []
    for row in results:
        if row["unique_id"] in owners and row["status"] != "skipped":
            owner = manifest["nodes"][owners[row["unique_id"]]]
            rows.append(
                logs.Check(
                    run_id,
                    now,
                    "dbt",
                    f"{owner['schema']}.{owner['name']}",
                    "",
                    manifest["nodes"][row["unique_id"]]["name"],
                    "failing_rows",
                    "warning" if row["status"] == "warn" else "critical",
                    row["status"] == "pass",
                    "0",
                    str(row["failures"]),
                )
            )
    return rows


def stopped(broken: list[dict], memory_limit: str) -> str:
    """What dbt's failed nodes say, a line each, and what to do if memory was short."""
    lines = ["dbt stopped the night:", *map(sentence, broken)]
    if any("Out of Memory Error" in (row["message"] or "") for row in broken):
        lines.append(
            f"MEMORY_LIMIT is {memory_limit}, too little for so many rows: set more."
        )
    return "\n".join(lines)


def sentence(row: dict) -> str:
    """One line on what a node did not do, without a row's content."""
    name = row["unique_id"].split(".")[2]
    if row["status"] == "error":
        return f"{name}: {logs.without_values(first_line(row['message']))}"
    return (
        f"{name}: {row['failures']} row{'s' if row['failures'] != 1 else ''} break it"
    )


def first_line(message: str | None) -> str:
    lines = [line.strip() for line in (message or "").splitlines() if line.strip()]
    return " ".join(lines[:3])


def dbt(settings: Settings, arguments: list[str]) -> int:
    """Plain dbt on this installation's files, for people; returns its exit code.

    What was built from other code, lists or settings is not built upon.
    """
    folder = settings.warehouse.parent
    if BUILDS & set(arguments) and inputs.begins_anew(settings, folder):
        arguments = [*arguments, "--full-refresh"]
    return subprocess.call(command(settings, arguments))


def command(settings: Settings, arguments: list[str]) -> list[str]:
    return [
        EXECUTABLE,
        *arguments,
        "--project-dir",
        str(DBT_PROJECT),
        "--profiles-dir",
        str(DBT_PROJECT),
        "--target-path",
        str(target_path(settings)),
    ]

"""Great Expectations at the two borders, on profile rows, as asset checks."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import duckdb

import expectations
from expectations.profiles import profile_of_table
from orchestration import logs
from orchestration.contracts import feeds
from orchestration.settings import Settings

CHECK = "expectations"


def suites(border: str) -> dict[str, str]:
    """{suite: notes} of the raw border or of the marts."""
    return {
        name: notes
        for name, notes in expectations.suite_notes().items()
        if name.startswith("raw.") == (border == "raw")
    }


def raw_check_specs() -> list[dg.AssetCheckSpec]:
    """Checks that landing itself reports: a batch is judged before it is appended."""
    required = {feed.table for feed in feeds().values() if feed.is_required}
    return [
        dg.AssetCheckSpec(
            CHECK,
            asset=name.split("."),
            description=notes,
            blocking=name.split(".")[1] in required,
        )
        for name, notes in suites("raw").items()
    ]


def mart_checks(settings: Settings) -> dg.AssetChecksDefinition:
    """One step judges every mart: what is not passed here is not published."""
    specs = [
        dg.AssetCheckSpec(
            CHECK, asset=name.split("."), description=notes, blocking=True
        )
        for name, notes in suites("marts").items()
    ]

    @dg.multi_asset_check(name="audit_marts", specs=specs)
    def audit_marts(
        context: dg.AssetCheckExecutionContext,
    ) -> Iterator[dg.AssetCheckResult]:
        now = datetime.now(UTC).replace(tzinfo=None)
        earlier = logs.earlier_profiles(settings)
        profiles, rows = [], []
        with duckdb.connect(str(settings.marts), read_only=True) as connection:
            for spec in specs:
                schema, table = spec.asset_key.path
                profile = profile_of_table(
                    connection, schema, table, batch=context.run.run_id, profiled_at=now
                )
                result = expectations.validate(profile.table, profile, earlier)
                profiles.append(profile)
                rows += logs.checks(context.run.run_id, now, profile.table, "", result)
                yield check_result(spec.asset_key, [("", result)])
        name = f"{context.run.run_id}-marts"
        logs.append(settings, "check_results", name, rows)
        logs.append(
            settings,
            "table_profiles",
            name,
            logs.measures(context.run.run_id, profiles),
        )
        expectations.write_docs(settings.data_docs)

    return audit_marts


def check_result(
    key: dg.AssetKey, results: list[tuple[str, expectations.Result]]
) -> dg.AssetCheckResult:
    """One Dagster result for what a suite found, in one table or several batches."""
    blocks = [
        f"{file}: {text}" if file else text
        for file, result in results
        for text in result.blocks
    ]
    warns = [
        f"{file}: {text}" if file else text
        for file, result in results
        for text in result.warns
    ]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=CHECK,
        passed=not (blocks or warns),
        severity=(
            dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN
        ),
        metadata={"found": "\n".join(blocks + warns)} if blocks or warns else {},
    )

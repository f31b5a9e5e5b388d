"""When the night runs and what is tried again: job, schedule and landing sensor."""

import hashlib
import time
from datetime import UTC, datetime

import dagster as dg

from orchestration import fitting, landing, logs
from orchestration.settings import Settings

# A file may still be growing; a folder that has been quiet for so long is complete.
QUIET_SECONDS = 120


def nightly_job(settings: Settings) -> dg.JobDefinition:
    """Everything, in order; a step that fails unforeseen (a full disk) runs once more.

    What the data or a policy did wrong is raised as dg.Failure without retries.
    """

    @dg.failure_hook(name="record_failure")
    def record_failure(context: dg.HookContext) -> None:
        stats = context.instance.get_run_stats(context.run_id)
        error = context.op_exception
        run = logs.Run(
            run_id=context.run_id,
            started_at=datetime.fromtimestamp(stats.start_time, UTC).replace(
                tzinfo=None
            ),
            finished_at=datetime.now(UTC).replace(tzinfo=None),
            as_of_date=None,
            status="failed",
            message=getattr(error, "description", None)
            or logs.without_values(str(error)),
            business_timezone=settings.business_timezone,
            base_currency=settings.base_currency,
        )
        logs.append(settings, "runs", context.run_id, [run])

    return dg.define_asset_job(
        "nightly",
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups(fitting.GROUP),
        hooks={record_failure},
        op_retry_policy=dg.RetryPolicy(max_retries=1, delay=5),
    )


def fitting_job() -> dg.JobDefinition:
    """What is learned from the last night's build, whenever somebody asks for it."""
    return dg.define_asset_job("fit", selection=dg.AssetSelection.groups(fitting.GROUP))


def nightly(settings: Settings, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Every morning at five, business time."""
    return dg.ScheduleDefinition(
        name="every_night",
        job=job,
        cron_schedule="0 5 * * *",
        execution_timezone=settings.business_timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def new_files(settings: Settings, job: dg.JobDefinition) -> dg.SensorDefinition:
    """A run when files have come into the landing folder and it is quiet again."""

    @dg.sensor(name="new_files", job=job, minimum_interval_seconds=60)
    def watch(context: dg.SensorEvaluationContext) -> dg.SkipReason | dg.RunRequest:
        if not settings.landing_dir.is_dir():
            return dg.SkipReason(f"There is no folder {settings.landing_dir}.")
        seen = [
            (str(path), path.stat().st_size, path.stat().st_mtime_ns)
            for _, _, path in landing.files(settings.landing_dir)
        ]
        newest = max((mtime for _, _, mtime in seen), default=0) / 1e9
        if time.time() - newest < QUIET_SECONDS:
            return dg.SkipReason("Files are still coming.")
        fingerprint = hashlib.sha256(repr(seen).encode()).hexdigest()
        if fingerprint == context.cursor:
            return dg.SkipReason("No file is new.")
        context.update_cursor(fingerprint)
        return dg.RunRequest(run_key=fingerprint)

    return watch

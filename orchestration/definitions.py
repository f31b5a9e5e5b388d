"""The whole platform on one page: read this first."""

import dagster as dg

from orchestration import (
    decisions,
    fitting,
    landing,
    publishing,
    quality,
    schedules,
    transform,
)
from orchestration.settings import Settings, from_environment


def build(settings: Settings) -> dg.Definitions:
    """The platform for one installation."""
    job = schedules.nightly_job(settings)
    return dg.Definitions(
        assets=[
            landing.assets(settings, lambda: decisions.repair(settings)),
            transform.models(settings),
            publishing.assets(settings),
            *fitting.assets(settings),
        ],
        asset_checks=[quality.mart_checks(settings)],
        jobs=[job, schedules.fitting_job()],
        schedules=[schedules.nightly(settings, job)],
        sensors=[schedules.new_files(settings, job)],
        resources={"dbt": transform.resource()},
        executor=dg.in_process_executor,  # DuckDB lets one process write at a time
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster's page loads: the installation that the environment describes."""
    return build(from_environment())

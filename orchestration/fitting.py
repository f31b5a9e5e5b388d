"""What is learned from the warehouse now and then, and kept as raw of our own.

A fit is asked for (`make fit`); no night does it. What it found is appended to raw and
read like any feed from the day after the warehouse's: an earlier day never sees it.
"""

import hashlib
import logging
import sys
import time
from datetime import date, timedelta
from math import log2

import dagster as dg
import duckdb

from orchestration import landing, ledgers, linking, nightly
from orchestration.contracts import feeds
from orchestration.formats import literal
from orchestration.settings import Settings

GROUP = "fitted"
IDENTIFIERS = ("restricted", "int_identifiers__normalised")
# What review sees of pairs that are not probable enough to be linked.
LEAST_PROBABILITY = 0.5
log = logging.getLogger("tierkeeper")


class NotReady(Exception):
    """There is nothing to fit with, or to; the message says what to do."""


def run(settings: Settings, started: float) -> int:
    """Run the fitting job through Dagster; 0 only if something sound was learned."""
    if said := not_ready(settings):
        print(said, file=sys.stderr)
        return 1
    nightly.speak(started)
    nightly.home(settings)
    settings.export()
    from orchestration import definitions

    platform = definitions.build(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        result = platform.resolve_job_def("fit").execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    for reason in nightly.reasons(result):
        print(f"\n{reason}", file=sys.stderr)
    if result.success:
        print(f"\n{time.perf_counter() - started:.0f} s in all.")
    return 0 if result.success else 1


def not_ready(settings: Settings) -> str:
    """Why a fit cannot begin; empty where it can."""
    if said := linking.missing():
        return said
    if not settings.warehouse.exists():
        return (
            f"There is no warehouse in {settings.data_dir} to learn from: "
            "run `make nightly` first."
        )
    return ""


def assets(settings: Settings) -> dg.AssetsDefinition:
    """The probable links, fitted to the identifiers of the last night's build."""

    @dg.asset(
        key=[GROUP, "links"],
        deps=[dg.AssetKey(IDENTIFIERS)],
        group_name=GROUP,
        description="Pairs of records that are probably one person's, and why.",
    )
    def links() -> dg.MaterializeResult:
        if said := not_ready(settings):
            raise dg.Failure(allow_retries=False, description=said)
        landing.hold_night(settings)
        try:
            as_of_date, fitted = fit(settings)
        except (NotReady, linking.CannotFit) as error:
            raise dg.Failure(allow_retries=False, description=str(error)) from error
        said = keep(settings, as_of_date, fitted)
        log.info("links: %s", said)
        return dg.MaterializeResult(metadata={"said": said})

    return links


def fit(settings: Settings) -> tuple[date, linking.Fitted]:
    """The warehouse's day, and the model fitted to its identifiers.

    Raises NotReady where the build has none, and linking.CannotFit.
    """
    with landing.connect(settings) as connection:
        connection.execute(
            f"attach {literal(str(settings.warehouse))} as build (read_only)"
        )
        try:
            (as_of_date,) = connection.execute(
                "select as_of_date from build.intermediate.run_parameters"
            ).fetchone()
            identifiers = connection.table(f"build.{'.'.join(IDENTIFIERS)}")
        except duckdb.CatalogException:
            raise NotReady(
                f"The warehouse in {settings.data_dir} is not whole: "
                "run `make nightly` first."
            ) from None
        return as_of_date, linking.links(
            linking.records(identifiers), connection, LEAST_PROBABILITY
        )


def keep(settings: Settings, as_of_date: date, fitted: linking.Fitted) -> str:
    """Append a model and its links to raw; returns what was done, in one sentence.

    Nothing is appended where that day's newest model is the same, or where a later one
    is there: what nights have read stays as they read it.
    """
    serves_from = as_of_date + timedelta(days=1)
    digest = hashlib.sha256(repr((fitted.digest, fitted.pairs)).encode()).hexdigest()[
        :8
    ]
    with landing.connect(settings) as connection:
        versions = known_versions(connection, settings)
        same_day = [version for version, day in versions if day == serves_from]
        if any(day > serves_from for _, day in versions):
            return f"nothing is kept, for a model after {as_of_date} is there"
        if same_day and same_day[-1].endswith(digest):
            return f"nothing new: the model {same_day[-1]} says the same"
        version = f"{serves_from}.{len(same_day) + 1:02}.{digest}"
        links = [
            {
                "link_id": hashed(version, *pair[:4]),
                "model_version": version,
                "namespace": pair[0],
                "record_id": pair[1],
                "other_namespace": pair[2],
                "other_record_id": pair[3],
                "match_probability": f"{pair[4]:.6f}",
                "match_weight": f"{pair[5]:.3f}",
                "evidence": pair[6],
                "fitted_on": str(as_of_date),
                "serves_from": str(serves_from),
            }
            for pair in fitted.pairs
        ]
        prior = linking.Weight(
            "prior", "any", None, None, log2(fitted.prior / (1 - fitted.prior))
        )
        weights = [
            {
                "weight_id": hashed(version, weight.comparison, weight.level),
                "model_version": version,
                "comparison": weight.comparison,
                "level": weight.level,
                "m_probability": None if weight.m is None else f"{weight.m:.10f}",
                "u_probability": None if weight.u is None else f"{weight.u:.10f}",
                "match_weight": f"{weight.match_weight:.4f}",
                "fitted_on": str(as_of_date),
                "serves_from": str(serves_from),
            }
            for weight in [prior, *fitted.weights]
        ]
        # The links first: a model is there when its weights are.
        write(connection, settings, "links", serves_from, links)
        write(connection, settings, "link_weights", serves_from, weights)
    return f"{len(links):,} pairs by the model {version}, read from {serves_from} on"


def hashed(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def known_versions(
    connection: duckdb.DuckDBPyConnection, settings: Settings
) -> list[tuple[str, date]]:
    """(model_version, serves_from) of every model in raw, in order."""
    batches = settings.raw / landing.OURS / "link_weights" / "*.parquet"
    if not any(batches.parent.glob(batches.name)):
        return []
    return connection.execute(
        "select distinct model_version, try_cast(serves_from as date) as day "
        f"from read_parquet({literal(str(batches))}, union_by_name = true) "
        "where day is not null order by day, model_version"
    ).fetchall()


def write(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    name: str,
    serves_from: date,
    rows: list[dict],
) -> None:
    """One batch of raw with these rows, unless there are none."""
    if not rows:
        return
    import pandas as pd  # seconds that no night pays for

    feed = feeds()[landing.OURS, name]
    names = [column.name for column in feed.columns]
    connection.register("fitted_rows", pd.DataFrame(rows, columns=names))
    file = f"fitted_{rows[0]['model_version']}"
    ledgers.append(connection, settings, feed, serves_from, file, "fitted_rows")

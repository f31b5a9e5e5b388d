"""What is learned from the warehouse now and then, and kept as raw of our own.

A fit is asked for (`make fit`); no night does it. What it found is appended to raw and
read like any feed from the day after the warehouse's: an earlier day never sees it.
"""

import hashlib
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from math import log2
from typing import TYPE_CHECKING

import dagster as dg
import duckdb

import scoring
from orchestration import landing, ledgers, linking, nightly
from orchestration.contracts import feeds
from orchestration.formats import literal
from orchestration.settings import Settings

if TYPE_CHECKING:
    from scoring import training

GROUP = "fitted"
FITTED = ("links", "scores")
IDENTIFIERS = ("restricted", "int_identifiers__normalised")
FEATURES = ("intermediate", "int_churn_features__measured")
OUTCOMES = ("intermediate", "int_churn_outcomes__measured")
# What review sees of pairs that are not probable enough to be linked.
LEAST_PROBABILITY = 0.5
log = logging.getLogger("tierkeeper")


class NotReady(Exception):
    """There is nothing to fit with, or to; the message says what to do."""


def run(settings: Settings, started: float, names: Sequence[str] = ()) -> int:
    """Run the fitting job through Dagster; 0 only if something sound was learned.

    `names` are of what is fitted, all if none is named; but for Splink, where that is
    not installed, only what is named must succeed.
    """
    if said := not_ready(settings, names):
        print(said, file=sys.stderr)
        return 1
    nightly.speak(started)
    nightly.home(settings)
    if not names and (said := linking.missing()):
        log.info("links: left out. %s", said)
        names = ["scores"]
    settings.export()
    from orchestration import definitions

    platform = definitions.build(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        result = platform.resolve_job_def("fit").execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            asset_selection=[dg.AssetKey([GROUP, name]) for name in names or FITTED],
        )
    for reason in nightly.reasons(result):
        print(f"\n{reason}", file=sys.stderr)
    if result.success:
        print(f"\n{time.perf_counter() - started:.0f} s in all.")
    return 0 if result.success else 1


def not_ready(settings: Settings, names: Sequence[str] = ()) -> str:
    """Why a fit cannot begin; empty where it can."""
    for name in names:
        if name not in FITTED:
            return f"Nothing to fit is named {name!r}: {' or '.join(FITTED)}."
    if "links" in names and (said := linking.missing()):
        return said
    if not settings.warehouse.exists():
        return (
            f"There is no warehouse in {settings.data_dir} to learn from: "
            "run `make nightly` first."
        )
    return ""


def assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """What is fitted to the last night's build: probable links, and scores of churn."""

    @dg.asset(
        key=[GROUP, "links"],
        deps=[dg.AssetKey(IDENTIFIERS)],
        group_name=GROUP,
        description="Pairs of records that are probably one person's, and why.",
    )
    def links() -> dg.MaterializeResult:
        return fitted("links", link(settings))

    @dg.asset(
        key=[GROUP, "scores"],
        deps=[dg.AssetKey(FEATURES), dg.AssetKey(OUTCOMES)],
        group_name=GROUP,
        description="How probably customers leave: the parameters that SQL scores by.",
    )
    def scores() -> dg.MaterializeResult:
        return fitted("scores", score(settings))

    def fitted(name: str, said: str) -> dg.MaterializeResult:
        log.info("%s: %s", name, said)
        return dg.MaterializeResult(metadata={"said": said})

    return [links, scores]


def link(settings: Settings) -> str:
    """Fit the links and keep them; returns what was done, in one sentence."""
    with ready(settings, "links"):
        as_of_date, found = fit(settings)
        return keep(settings, as_of_date, found)


def score(settings: Settings) -> str:
    """Fit the scores and keep them; returns what was done, in one sentence."""
    with ready(settings, "scores"):
        as_of_date, trained = train(settings)
        if isinstance(trained, str):
            return trained
        return keep_model(settings, as_of_date, trained)


@contextmanager
def ready(settings: Settings, name: str) -> Iterator[None]:
    """No night meanwhile; what cannot be fitted fails in one sentence, for good."""
    if said := not_ready(settings, [name]):
        raise dg.Failure(allow_retries=False, description=said)
    landing.hold_night(settings)
    try:
        yield
    except (NotReady, linking.CannotFit, scoring.CannotFit) as error:
        raise dg.Failure(allow_retries=False, description=str(error)) from error


def fit(settings: Settings) -> tuple[date, linking.Fitted]:
    """The warehouse's day, and the model fitted to its identifiers.

    Raises NotReady where the build has none, and linking.CannotFit.
    """
    with built(settings) as (connection, as_of_date):
        identifiers = connection.table(f"build.{'.'.join(IDENTIFIERS)}")
        return as_of_date, linking.links(
            linking.records(identifiers), connection, LEAST_PROBABILITY
        )


def train(
    settings: Settings, has_champion: bool = True
) -> tuple[date, "training.Trained | str"]:
    """The warehouse's day, and the scores fitted to its history, or why they stay.

    Without a champion it competes with no model that served. Raises NotReady where the
    build has no features, and scoring.CannotFit.
    """
    import numpy as np  # seconds that no night pays for

    from scoring import history, training

    with built(settings) as (connection, as_of_date):
        features = history.features(connection)
        horizon = history.horizon_days(connection, as_of_date)
        examples = history.examples(connection, [feature.code for feature in features])
        if not has_champion:
            unserved = np.full_like(examples.served, np.nan)
            examples = replace(examples, served=unserved)
        last = date(1970, 1, 1) + timedelta(days=int(examples.day.max(initial=0)))
        return as_of_date, training.train(
            features,
            examples,
            history.histories(connection, as_of_date),
            history.histories(connection, last),
            horizon,
        )


@contextmanager
def built(settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, date]]:
    """The last night's build as `build`, and its day. Raises NotReady if not whole."""
    with landing.connect(settings) as connection:
        connection.execute(
            f"attach {literal(str(settings.warehouse))} as build (read_only)"
        )
        try:
            (as_of_date,) = connection.execute(
                "select as_of_date from build.intermediate.run_parameters"
            ).fetchone()
            yield connection, as_of_date
        except duckdb.CatalogException:
            raise NotReady(
                f"The warehouse in {settings.data_dir} is not whole: "
                "run `make nightly` first."
            ) from None


# --- what is kept --------------------------------------------------------------------


def keep(settings: Settings, as_of_date: date, fitted: linking.Fitted) -> str:
    """Append a model and its links to raw; returns what was done, in one sentence.

    Nothing is appended where that day's newest model is the same, or where a later one
    is there: what nights have read stays as they read it.
    """
    serves_from = as_of_date + timedelta(days=1)
    with landing.connect(settings) as connection:
        try:
            version = next_version(
                connection,
                settings,
                "link_weights",
                serves_from,
                repr((fitted.digest, fitted.pairs)),
            )
        except NothingNew as said:
            return str(said)
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


def keep_model(
    settings: Settings, as_of_date: date, trained: "training.Trained"
) -> str:
    """Append the parameters of the scores to raw, as `keep` does its own."""
    serves_from = as_of_date + timedelta(days=1)
    lines = [
        {
            "component": line.component,
            "parameter": line.parameter,
            "coefficient": f"{line.coefficient:.10f}",
            "reference_value": None
            if line.reference is None
            else f"{line.reference:.10f}",
            "meaning": line.meaning,
        }
        for line in trained.parameters
    ]
    with landing.connect(settings) as connection:
        try:
            version = next_version(
                connection, settings, "models", serves_from, repr(lines)
            )
        except NothingNew as said:
            return str(said)
        rows = [
            {
                "parameter_id": hashed(version, line["component"], line["parameter"]),
                "model_version": version,
                **line,
                "fitted_through": str(as_of_date),
                "serves_from": str(serves_from),
            }
            for line in lines
        ]
        write(connection, settings, "models", serves_from, rows)
    return f"the model {version}, read from {serves_from} on: {trained.told}"


class NothingNew(Exception):
    """Why a model is not kept, in one sentence."""


def next_version(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    name: str,
    serves_from: date,
    content: str,
) -> str:
    """A new model's version: its first day, its how-many-eth of it, what it says.

    Raises NothingNew where that day's newest says the same, or a later one is there.
    """
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    versions = known_versions(connection, settings, name)
    same_day = [version for version, day in versions if day == serves_from]
    if any(day > serves_from for _, day in versions):
        raise NothingNew(
            f"nothing is kept, for a model after {serves_from - timedelta(days=1)} is "
            "there"
        )
    if same_day and same_day[-1].endswith(digest):
        raise NothingNew(f"nothing new: the model {same_day[-1]} says the same")
    return f"{serves_from}.{len(same_day) + 1:02}.{digest}"


def hashed(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def known_versions(
    connection: duckdb.DuckDBPyConnection, settings: Settings, name: str
) -> list[tuple[str, date]]:
    """(model_version, serves_from) of every model of the feed in raw, in order."""
    batches = settings.raw / landing.OURS / name / "*.parquet"
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

"""python -m benchmarks.churn: how well scores of orders warn, as docs/churn.md."""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from benchmarks.known import Unavailable
from benchmarks.report import table
from orchestration.formats import literal
from orchestration.settings import PROJECT
from scoring import features, measures, served

PAGE = PROJECT / "docs" / "churn.md"
SHARED = PROJECT.parent / "shared" / "data"
CDNOW = SHARED / "cdnow" / "cdnow_master.csv"
ONLINE_RETAIL = SHARED / "online_retail" / "online_retail.parquet"

# 39 weeks to learn from, and 39 to see what came.
CDNOW_DAY, CDNOW_HORIZON = date(1997, 9, 30), 273
HORIZON = 90
CDNOW_DAYS = (date(1997, 9, 30), date(1997, 12, 31), date(1998, 3, 31))
# From half a year of history on, each month end whose window is closed, and the last.
RETAIL_DAYS = (
    date(2011, 5, 31),
    date(2011, 6, 30),
    date(2011, 7, 31),
    date(2011, 8, 31),
    date(2011, 9, 10),
)
STEPS = (0, 30, 60)  # days before the newest day whose outcome is known
YOUNGEST = 30  # days of history before the first of them
PARTS = (0.5, 0.6, 0.7)  # of a history that is too short for these
CAPACITY = 0.1

SCORES = {
    "recency": "recency",
    "rfm": "RFM, sum of fifths",
    "overdue": "recency ÷ own mean gap",
    "bgnbd_probability": "BG/NBD, no purchase",
    "bgnbd_purchases": "BG/NBD, expected purchases",
    "logistic": "logistic, four features",
    "served": "**served**: mean log odds",
}
SEGMENTS = {
    "all": "all",
    "repeat": "≥ 1 repeat",
    "often": "≥ 2 repeats",
    "eligible": "eligible",
}


# --- data ----------------------------------------------------------------------------


def purchases(connection: duckdb.DuckDBPyConnection, source: Path, sql: str) -> str:
    """A table of customer_id, bought_on, amount; Unavailable where it has no source."""
    if not source.exists():
        raise Unavailable(f"`../shared/data/{source.parent.name}` is not there")
    file = literal(str(source))
    connection.execute(f"create or replace table purchases as {sql.format(file=file)}")
    return "purchases"


def cdnow(connection: duckdb.DuckDBPyConnection) -> str:
    return purchases(
        connection,
        CDNOW,
        "select customer_id, date as bought_on, dollar_value as amount "
        "from read_csv({file})",
    )


def online_retail(connection: duckdb.DuckDBPyConnection) -> str:
    """Lines of customers with a price. A cancelled line is negative on its own day."""
    return purchases(
        connection,
        ONLINE_RETAIL,
        "select CustomerID::integer as customer_id, InvoiceDate::date as bought_on, "
        "Quantity * UnitPrice as amount "
        "from {file} where CustomerID is not null and UnitPrice > 0",
    )


# --- evaluating ----------------------------------------------------------------------


@dataclass(frozen=True)
class Evaluation:
    """What was scored as of a day, and what came in the horizon (days) after it."""

    day: date
    horizon: int
    past: list[date]
    orders: dict[str, NDArray]
    outcome: dict[str, NDArray]
    scores: served.Scores

    @property
    def event(self) -> NDArray:
        return self.outcome["purchases"] == 0

    def segment(self, name: str) -> NDArray:
        """Whom it holds; the eligible are those of CHURN.md's warnings to shoppers."""
        x, recency = self.orders["x"], self.orders["recency"]
        return {
            "all": x >= 0,
            "repeat": x >= 1,
            "often": x >= 2,
            "eligible": (x >= 1) & (recency <= 180),
        }[name]

    def ranking(self, name: str) -> NDArray:
        """Higher is a higher risk, by one of SCORES."""
        return {
            "recency": lambda: self.orders["recency"],
            "rfm": lambda: -rfm(self.orders),
            "overdue": lambda: overdue(self.orders),
            "bgnbd_probability": lambda: self.scores.by_bgnbd,
            "bgnbd_purchases": lambda: -self.scores.bgnbd_purchases,
            "logistic": lambda: self.scores.by_logistic,
            "served": lambda: self.scores.probability,
        }[name]()

    def auc(self, name: str, segment: str = "all") -> float | None:
        chosen = self.segment(segment)
        return measures.auc(self.ranking(name)[chosen], self.event[chosen])

    def over(self, name: str, segment: str = "all") -> measures.Interval | None:
        """How far the served score's AUC is above another's."""
        chosen = self.segment(segment)
        return measures.auc_difference(
            self.ranking("served")[chosen],
            self.ranking(name)[chosen],
            self.event[chosen],
        )

    def caught(self, amount: NDArray) -> float | None:
        """Share of the value to come that the tenth of highest `amount` brings."""
        capacity = CAPACITY * len(amount)
        return measures.caught(amount, self.outcome["amount"], capacity)


def rfm(orders: dict[str, NDArray]) -> NDArray:
    """Fifths of recency, frequency and spend, added; equal values in one fifth."""
    return sum(
        np.ceil(5 * rankdata(values) / len(values))
        for values in (-orders["recency"], orders["x"], orders["spend"])
    )


def overdue(orders: dict[str, NDArray]) -> NDArray:
    """Silence in own mean gaps; who bought once is given everybody's mean."""
    gaps = orders["mean_gap"]
    return orders["recency"] / np.where(np.isnan(gaps), np.nanmean(gaps), gaps)


def past_days(first: date, day: date, horizon: int) -> tuple[list[date], bool]:
    """Days to learn from, whose outcomes are known by `day`; and if for the horizon.

    Where the history is too short for that, the outcomes are those up to the day.
    """
    days = [day - timedelta(horizon + step) for step in STEPS]
    if min(days) >= first + timedelta(YOUNGEST):
        return days, True
    return [first + timedelta(int((day - first).days * part)) for part in PARTS], False


def fitted(
    connection: duckdb.DuckDBPyConnection, name: str, day: date, horizon: int
) -> tuple[served.Fitted, dict[str, NDArray], list[date]]:
    """The models of the day, the customers to be scored, and the days learned from."""
    (first,) = connection.execute(f"select min(bought_on) from {name}").fetchone()
    days, is_for_horizon = past_days(first, day, horizon)
    past = []
    for one in days:
        known = horizon if is_for_horizon else (day - one).days
        outcome = features.outcomes(connection, name, one, known)
        known_orders = features.as_of(connection, name, one)
        past.append((known_orders, outcome["purchases"] == 0))
    orders = features.as_of(connection, name, day)
    anchored_to = None if is_for_horizon else horizon
    return served.fit(orders, past, anchored_to), orders, days


def evaluate(
    connection: duckdb.DuckDBPyConnection, name: str, day: date, horizon: int
) -> Evaluation:
    """Fit and score as of the day, then look up what came."""
    models, orders, days = fitted(connection, name, day, horizon)
    outcome = features.outcomes(connection, name, day, horizon)
    scores = served.scores(models, orders, horizon)
    return Evaluation(day, horizon, days, orders, outcome, scores)

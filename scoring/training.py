"""From a base's history to a model that may serve, or to a sentence on why not.

What is learned is tried on the newest day whose outcomes are known, with nothing that
was known after that day. What is not better there than what it would replace does not
serve, and neither does what is too good to be true.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring import CannotFit, logistic, measures, served
from scoring.served import Feature, Fitted, Histories

LEAST_CUSTOMERS = 500
LEAST_CUTOFFS = 3
# A survey answered after the loss foretells it perfectly (CHURN.md). So does silence of
# those who buy by the clock: suspect is only what leaves less than this of its error.
MOST_AUC = 0.9
LEAST_ERROR_LEFT = 0.5
RECENCY = "recency_days"


@dataclass(frozen=True)
class Examples:
    """Customers who could be warned of, on days whose horizon is over.

    features: (n, k) in natural units, NaN where unknown, columns as the list of
    features; day: (n,) of the cutoffs, as numbers; lost: (n,), whether they bought
    nothing within the horizon; x, t_x, T: (n,) in days, as BG/NBD has them; served:
    (n,), the probability by the model that served then, NaN without one.
    """

    features: NDArray
    day: NDArray
    lost: NDArray
    x: NDArray
    t_x: NDArray
    T: NDArray
    served: NDArray

    @property
    def times(self) -> tuple[NDArray, NDArray, NDArray]:
        return self.x, self.t_x, self.T

    def only(self, chosen: NDArray) -> "Examples":
        return Examples(
            *(
                getattr(self, name)[chosen]
                for name in ("features", "day", "lost", "x", "t_x", "T", "served")
            )
        )


@dataclass(frozen=True)
class Parameter:
    """One line of the ledger of models."""

    component: str
    parameter: str
    coefficient: float
    reference: float | None = None
    meaning: str | None = None


@dataclass(frozen=True)
class Trained:
    """What serves from now on, and in one sentence why."""

    parameters: list[Parameter]
    told: str


def train(
    features: Sequence[Feature],
    examples: Examples,
    histories: Histories,
    histories_then: Histories,
    horizon_days: int,
) -> Trained | str:
    """The model that serves from now on; a sentence where the one that serves stays.

    `histories` are of the newest day, `histories_then` of the newest day among
    `examples`, on which all is tried. Raises CannotFit where the base teaches nothing.
    """
    newest, before = split(examples, horizon_days)
    recency = [feature.code for feature in features].index(RECENCY)
    tried = learned(features, before, histories_then)
    found = served.risk(tried, newest.features, newest.times, horizon_days).probability
    reached = measures.auc(found, newest.lost)
    naive = measures.auc_difference(found, newest.features[:, recency], newest.lost)
    told = (
        f"AUC {reached:.3f} on {len(newest.lost):,} customers of the newest day whose "
        f"horizon is over, {naive.difference:+.3f} ({naive.low:+.3f} to "
        f"{naive.high:+.3f}) against the days since the last purchase"
    )
    best = learned(features, examples, histories)
    error, naive_error = 1 - reached, 1 - reached + naive.difference
    if reached > MOST_AUC and error < LEAST_ERROR_LEFT * naive_error:
        reason = "that is too good to be true: something was known after the event"
    elif naive.high < 0:
        reason = "that is less than the days since the last purchase alone"
    else:
        reason = None
    if reason:
        meaning = f"The naive rule serves. The model had {told}: {reason}."
        return Trained(parameters(simple(best, examples, recency, meaning)), meaning)
    if not np.isnan(newest.served).any():
        other = measures.auc_difference(found, newest.served, newest.lost)
        if other.high < 0:
            return (
                "nothing is kept, for the model that serves was better on the newest "
                f"day whose horizon is over, by {-other.difference:.3f} of AUC"
            )
    return Trained(parameters(best), told)


def split(examples: Examples, horizon_days: int) -> tuple[Examples, Examples]:
    """The newest day, and those whose horizon was over by then.

    Raises CannotFit where there are too few of either, or one outcome only.
    """
    last = examples.day.max(initial=0)
    newest = examples.only(examples.day == last)
    before = examples.only(examples.day <= last - horizon_days)
    if len(newest.lost) < LEAST_CUSTOMERS:
        raise CannotFit(
            f"No score was fitted: {len(newest.lost)} customers valued by orders could "
            f"be warned of on the newest month end whose {horizon_days} days are over, "
            f"and it is learned from {LEAST_CUSTOMERS} on."
        )
    if (cutoffs := len(np.unique(before.day))) < LEAST_CUTOFFS:
        raise CannotFit(
            f"No score was fitted: it needs {LEAST_CUTOFFS} month ends whose "
            f"{horizon_days} days were over by the newest such one, and there are "
            f"{cutoffs}."
        )
    if newest.lost.all() or not newest.lost.any():
        raise CannotFit(
            f"No score was fitted: {'all' if newest.lost.all() else 'none'} of "
            f"{len(newest.lost)} customers were lost within {horizon_days} days, so "
            "nothing could be told apart."
        )
    return newest, before


def learned(
    features: Sequence[Feature], examples: Examples, histories: Histories
) -> Fitted:
    """All parts that the base allows; the logistic one it must."""
    found = served.fit(features, examples.features, examples.lost, histories)
    if not found.silence:
        raise CannotFit(" ".join(found.missing))
    return found


def simple(best: Fitted, examples: Examples, column: int, meaning: str) -> Fitted:
    """The naive rule as a model: the days since the last purchase, and nothing else."""
    feature = replace(best.features[column], expected_sign=1)
    odds = logistic.fit(
        served.transformed(examples.features[:, [column]], [feature]),
        examples.lost,
        [feature.expected_sign],
    )
    return replace(
        best, features=[feature], silence=odds, weight=0.0, missing=(meaning,)
    )


def parameters(fitted: Fitted) -> list[Parameter]:
    """The lines of the ledger; a coefficient of 0 is a line too, for it says so."""
    odds, meaning = fitted.silence, " ".join(fitted.missing) or None
    lines = [
        Parameter("served", "bgnbd_weight", fitted.weight, meaning=meaning),
        Parameter("served", "logistic_weight", 1 - fitted.weight),
        Parameter("logistic", "intercept", odds.intercept),
    ]
    lines += [
        Parameter("logistic", feature.code, float(weight), float(reference))
        for feature, weight, reference in zip(
            fitted.features, odds.coefficients, odds.references, strict=True
        )
    ]
    for component, found, names in (
        ("bgnbd", fitted.purchases, ("r", "alpha", "a", "b")),
        ("gamma_gamma", fitted.value, ("p", "q", "v")),
    ):
        if found:
            lines += [
                Parameter(component, name, getattr(found, name)) for name in names
            ]
    return lines

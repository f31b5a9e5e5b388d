"""From a base's history to a model that may serve, or to a sentence on why not.

What is learned is tried on the newest day whose outcomes are known, with nothing that
was known after that day. What is not better there than what it would replace does not
serve, and neither does what is too good to be true.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from scoring import CannotFit, bgnbd, gamma_gamma, logistic, measures

LEAST_CUSTOMERS = 500
LEAST_CUTOFFS = 3
# A survey answered after the loss foretells it perfectly (CHURN.md).
MOST_AUC = 0.9
EVEN = 0.5  # the weight of each of two logits
RECENCY = "recency_days"


@dataclass(frozen=True)
class Feature:
    """What a line of the churn_features list says of one."""

    code: str
    is_logged: bool
    expected_sign: int


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

    def only(self, chosen: NDArray) -> "Examples":
        return Examples(
            *(
                getattr(self, name)[chosen]
                for name in ("features", "day", "lost", "x", "t_x", "T", "served")
            )
        )


@dataclass(frozen=True)
class Counts:
    """All who ever bought, as of one day: x, t_x, T in days, and net revenue. (n,)"""

    x: NDArray
    t_x: NDArray
    T: NDArray
    revenue: NDArray


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


@dataclass(frozen=True)
class Parts:
    """The parts of a score, and the weight of the logit of BG/NBD in it.

    Without weight, what BG/NBD expects tells only what a customer is worth.
    """

    features: Sequence[Feature]
    odds: logistic.Model
    rhythm: bgnbd.Parameters | None
    value: gamma_gamma.Parameters | None
    rhythm_weight: float
    meaning: str | None = None

    def probability(self, examples: Examples, h: int) -> NDArray:
        """Of churn within h days, shape (n,): the mean logit of the two parts."""
        log_odds = logistic.log_odds(
            self.odds, transformed(examples.features, self.features)
        )
        if not self.rhythm_weight:
            return expit(log_odds)
        silent = bgnbd.p_no_purchase(
            self.rhythm, examples.x, examples.t_x, examples.T, h
        )
        silent = np.clip(silent, 1e-9, 1 - 1e-9)
        rhythm_odds = np.log(silent / (1 - silent))
        weight = self.rhythm_weight
        return expit(weight * rhythm_odds + (1 - weight) * log_odds)


def train(
    features: Sequence[Feature],
    examples: Examples,
    counts: Counts,
    counts_then: Counts,
    horizon_days: int,
) -> Trained | str:
    """The model that serves from now on; a sentence where the one that serves stays.

    `counts` are of the newest day, `counts_then` of the newest day among `examples`, on
    which all is tried. Raises CannotFit where the base teaches nothing.
    """
    newest, before = split(examples, horizon_days)
    recency = [feature.code for feature in features].index(RECENCY)
    tried = learned(features, before, counts_then)
    found = tried.probability(newest, horizon_days)
    reached = measures.auc(found, newest.lost)
    naive = measures.auc_difference(found, newest.features[:, recency], newest.lost)
    told = (
        f"AUC {reached:.3f} on {len(newest.lost):,} customers of the newest day whose "
        f"horizon is over, {naive.difference:+.3f} ({naive.low:+.3f} to "
        f"{naive.high:+.3f}) against the days since the last purchase"
    )
    best = learned(features, examples, counts)
    if reached > MOST_AUC:
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
            f"No score was fitted: {len(newest.lost)} customers could be warned of on "
            f"the newest month end whose {horizon_days} days are over, and it is "
            f"learned from {LEAST_CUSTOMERS} on."
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


def learned(features: Sequence[Feature], examples: Examples, counts: Counts) -> Parts:
    """All parts that the base allows; the logistic one it must."""
    odds = logistic.fit(
        transformed(examples.features, features),
        examples.lost,
        [feature.expected_sign for feature in features],
    )
    rhythm, value, left_out = None, None, []
    try:
        rhythm = bgnbd.fit(counts.x, counts.t_x, counts.T)
    except CannotFit as error:
        left_out.append(str(error))
    try:
        value = gamma_gamma.fit(counts.x + 1, counts.revenue / (counts.x + 1))
    except CannotFit as error:
        left_out.append(str(error))
    weight = EVEN if rhythm else 0.0
    return Parts(features, odds, rhythm, value, weight, " ".join(left_out) or None)


def simple(parts: Parts, examples: Examples, column: int, meaning: str) -> Parts:
    """The naive rule as a model: the days since the last purchase, and nothing else."""
    feature = parts.features[column]
    odds = logistic.fit(
        transformed(examples.features[:, [column]], [feature]), examples.lost, [1]
    )
    return Parts([feature], odds, parts.rhythm, parts.value, 0.0, meaning)


def transformed(values: NDArray, features: Sequence[Feature]) -> NDArray:
    """As the SQL takes them: ln(1 + value) where the list says so."""
    logged = np.array([feature.is_logged for feature in features])
    return np.where(logged, np.log1p(np.where(logged, values, 0)), values)


def parameters(parts: Parts) -> list[Parameter]:
    """The lines of the ledger; a coefficient of 0 is a line too, for it says so."""
    lines = [
        Parameter("served", "bgnbd_weight", parts.rhythm_weight, meaning=parts.meaning),
        Parameter("served", "logistic_weight", 1 - parts.rhythm_weight),
        Parameter("logistic", "intercept", parts.odds.intercept),
    ]
    lines += [
        Parameter("logistic", feature.code, float(weight), float(reference))
        for feature, weight, reference in zip(
            parts.features, parts.odds.coefficients, parts.odds.references, strict=True
        )
    ]
    for component, found, names in (
        ("bgnbd", parts.rhythm, ("r", "alpha", "a", "b")),
        ("gamma_gamma", parts.value, ("p", "q", "v")),
    ):
        if found:
            lines += [
                Parameter(component, name, getattr(found, name)) for name in names
            ]
    return lines

"""Logistic regression whose coefficients may not go against sense.

A longer silence must not lower a risk. Where the data say so for a while, the
coefficient is 0, so a reason that is read from it is never absurd.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit

from scoring import CannotFit

LEAST_EVENTS = 50
# On coefficients per standard deviation; rows count as they weigh (1/C elsewhere).
L2 = 1.0


@dataclass(frozen=True)
class Model:
    """Log odds = intercept + sum of coefficient × (value - reference), in raw units.

    So the intercept is that of a customer who is average in everything, and each
    product is what one feature adds: its reason. Of each: one per feature, in order.
    """

    intercept: float
    coefficients: NDArray
    references: NDArray


def fit(
    features: ArrayLike,
    event: ArrayLike,
    signs: Sequence[int],
    weights: ArrayLike | None = None,
    l2: float = L2,
) -> Model:
    """The coefficients of least weighted log loss + l2 / 2 × their squares.

    features: (n, k), NaN where unknown; event: (n,) of 0 and 1; signs: (k,), +1 for not
    below 0, -1 for not above 0, 0 for free; weights: (n,). The squares are of features
    in standard deviations; a feature that never varies gets 0. An unknown value counts
    as the reference, the mean of the known ones. Raises CannotFit where there is but
    one outcome, or too few of the rarer one.
    """
    features, event = np.asarray(features, float), np.asarray(event, float)
    weights = np.ones(len(event)) if weights is None else np.asarray(weights, float)
    events, others = (event > 0).sum(), (event <= 0).sum()
    if min(events, others) < LEAST_EVENTS:
        raise CannotFit(
            f"The logistic score was not fitted: of {len(event)} outcomes {events} are "
            f"the event and {others} are not, and each is needed {LEAST_EVENTS} times."
        )
    references, deviations = moments(features, weights)
    standard = standardised(features, references, deviations)
    sides = np.where(event > 0, 1.0, -1.0)

    def loss(values: NDArray) -> tuple[float, NDArray]:
        margin = sides * (values[0] + standard @ values[1:])
        pull = -weights * sides * expit(-margin)
        value = weights @ np.logaddexp(0, -margin) + l2 / 2 * values[1:] @ values[1:]
        slopes = np.r_[pull.sum(), pull @ standard + l2 * values[1:]]
        return value / weights.sum(), slopes / weights.sum()

    allowed = {1: (0, None), -1: (None, 0), 0: (None, None)}
    share = weights @ (event > 0) / weights.sum()
    start = np.r_[np.log(share / (1 - share)), np.zeros(len(references))]
    best = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(None, None), *(allowed[sign] for sign in signs)],
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 5_000, "maxfun": 20_000},
    )
    return Model(float(best.x[0]), best.x[1:] / deviations, references)


def moments(features: NDArray, weights: NDArray) -> tuple[NDArray, NDArray]:
    """Mean and standard deviation of the known values.

    What never varies is infinitely far from saying anything: its deviation is inf.
    """
    known = ~np.isnan(features)
    weighed = known * weights[:, None]
    total = np.maximum(weighed.sum(0), np.finfo(float).tiny)
    means = (weighed * np.where(known, features, 0)).sum(0) / total
    squares = (weighed * np.where(known, features - means, 0) ** 2).sum(0) / total
    varies = squares > 1e-24 * np.maximum(means**2, 1e-12)
    return means, np.where(varies, np.sqrt(squares), np.inf)


def standardised(
    features: NDArray, references: NDArray, deviations: NDArray
) -> NDArray:
    return np.nan_to_num((features - references) / deviations, nan=0.0)


def contributions(model: Model, features: ArrayLike) -> NDArray:
    """What each feature adds to the log odds, shape (n, k); 0 where it is unknown."""
    steps = np.asarray(features, float) - model.references
    return np.nan_to_num(model.coefficients * steps, nan=0.0)


def log_odds(model: Model, features: ArrayLike) -> NDArray:
    """Shape (n,)."""
    return model.intercept + contributions(model, features).sum(1)

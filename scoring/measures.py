"""How good a score is. Equal scores are equal: the order of rows decides nothing.

Shapes (n,) throughout. `score` is high where the event is expected; `event` is 0 or 1.
What cannot be measured, for want of rows or of one of the two outcomes, is None.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

SEED = 1
DRAWS = 1_000


@dataclass(frozen=True)
class Interval:
    """A difference of two AUCs, and where 95 % of its redrawn values lie."""

    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class Tenth:
    """Customers of about equal probability: the mean of it, and what was seen."""

    predicted: float
    seen: float
    customers: int


# --- ranking -------------------------------------------------------------------------


def auc(score: ArrayLike, event: ArrayLike) -> float | None:
    """How often one with the event stands above one without; a tie is half."""
    event = np.asarray(event) > 0
    return weighed_auc(groups(score), event, np.ones(len(event)))


def groups(score: ArrayLike) -> NDArray:
    """Of each row the place of its score among the distinct ones, from 0."""
    return np.unique(np.asarray(score, float), return_inverse=True)[1].ravel()


def weighed_auc(places: NDArray, event: NDArray, weights: NDArray) -> float | None:
    with_event = np.bincount(places, weights * event)
    without = np.bincount(places, weights * ~event)
    pairs = with_event.sum() * without.sum()
    if not pairs:
        return None
    below = np.cumsum(without) - without / 2
    return float(with_event @ below / pairs)


def auc_difference(
    score: ArrayLike, other: ArrayLike, event: ArrayLike, draws: int = DRAWS
) -> Interval | None:
    """AUC of `score` less that of `other`, with its paired bootstrap interval of 95 %.

    Paired: each draw of customers, with replacement, is of both scores. Seeded.
    """
    event = np.asarray(event) > 0
    both = [groups(score), groups(other)]
    found = [weighed_auc(one, event, np.ones(len(event))) for one in both]
    if None in found:
        return None
    chance = np.random.default_rng(SEED)
    differences = []
    for _ in range(draws):
        drawn = chance.integers(len(event), size=len(event))
        weights = np.bincount(drawn, minlength=len(event)).astype(float)
        one, two = (weighed_auc(places, event, weights) for places in both)
        if one is not None and two is not None:
            differences.append(one - two)
    low, high = np.quantile(differences, [0.025, 0.975])
    return Interval(found[0] - found[1], float(low), float(high))


def share_taken(score: ArrayLike, capacity: float) -> NDArray:
    """How much of each row is among the `capacity` highest scores, from 0 to 1.

    Where the last places are tied, each of the tied has an equal part of them.
    """
    places = groups(score)
    sizes = np.bincount(places)
    above = sizes[::-1].cumsum()[::-1] - sizes
    taken = np.clip((capacity - above) / np.maximum(sizes, 1), 0, 1)
    return taken[places]


def caught(score: ArrayLike, amount: ArrayLike, capacity: float) -> float | None:
    """Share of the whole amount that the `capacity` highest scores bring."""
    amount = np.asarray(amount, float)
    whole = amount.sum()
    return float(share_taken(score, capacity) @ amount / whole) if whole else None


# --- probabilities and numbers -------------------------------------------------------


def brier(probability: ArrayLike, event: ArrayLike) -> float | None:
    """Mean squared distance of a probability from what came; 0 is perfect."""
    return mean_of(distance(probability, event) ** 2)


def calibration(probability: ArrayLike, event: ArrayLike) -> list[Tenth]:
    """Ten groups of equal size by probability, lowest first; fewer where many tie.

    Equal probabilities stand in one group: that of their middle rank.
    """
    probability, event = np.asarray(probability, float), np.asarray(event, float)
    if not len(event):
        return []
    shares = (rankdata(probability) - 0.5) / len(event)
    tenths = np.minimum(np.floor(shares * 10), 9)
    return [
        Tenth(
            float(probability[tenths == tenth].mean()),
            float(event[tenths == tenth].mean()),
            int((tenths == tenth).sum()),
        )
        for tenth in np.unique(tenths)
    ]


def rmse(predicted: ArrayLike, seen: ArrayLike) -> float | None:
    """Root of the mean squared distance, in the unit of what is predicted."""
    squared = mean_of(distance(predicted, seen) ** 2)
    return None if squared is None else squared**0.5


def mae(predicted: ArrayLike, seen: ArrayLike) -> float | None:
    """Mean distance, in the unit of what is predicted."""
    return mean_of(distance(predicted, seen))


def distance(predicted: ArrayLike, seen: ArrayLike) -> NDArray:
    return np.abs(np.asarray(predicted, float) - np.asarray(seen, float))


def mean_of(values: NDArray) -> float | None:
    return float(values.mean()) if len(values) else None

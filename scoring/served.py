"""What is served of orders alone: a probability, a count and an amount.

BG/NBD knows how a single customer buys, the logistic score what the base did of late.
The mean of their log odds ranks better than either, and is better calibrated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from scoring import bgnbd, gamma_gamma, logistic

# What may raise (+1) or lower (-1) the risk of no purchase; 0 is free.
SIGNS = {"repeats": -1, "recency": 1, "tenure": 0, "spend": -1}
# Most of those of whom a tenth of a purchase is expected buy nothing.
SHRINK = 0.1
# A probability is never taken for certain.
CERTAIN = 1e-12


@dataclass(frozen=True)
class Fitted:
    """All that scoring needs. `shift` is added to the logistic score's log odds."""

    purchases: bgnbd.Parameters
    value: gamma_gamma.Parameters
    silence: logistic.Model
    shift: float


@dataclass(frozen=True)
class Scores:
    """Of each customer in the horizon, shapes (n,).

    by_bgnbd, by_logistic, probability: of no purchase; the last is served. purchases:
    days with one, the mean; likely_purchases: the same, drawn to 0, to err less for
    most; bgnbd_purchases: of BG/NBD alone. amount: what the purchases bring, in money.
    """

    by_bgnbd: NDArray
    by_logistic: NDArray
    probability: NDArray
    bgnbd_purchases: NDArray
    purchases: NDArray
    likely_purchases: NDArray
    amount: NDArray


def inputs(orders: Mapping[str, NDArray]) -> NDArray:
    """The logistic score's features of scoring.features.as_of, in the order of SIGNS.

    Logs, since the tenth purchase says less than the second. Shape (n, 4).
    """
    columns = [orders["x"], orders["recency"], orders["T"], orders["spend"]]
    return np.log1p(np.maximum(np.column_stack(columns), 0))


def fit(
    orders: Mapping[str, NDArray],
    past: Sequence[tuple[Mapping[str, NDArray], NDArray]],
    anchored_to: float | None = None,
) -> Fitted:
    """The models of a day, from what was known by its end.

    orders: features.as_of the day; past: of earlier days whose outcome is known the
    same features, and 1 for no purchase, shape (n,). Where those outcomes are of fewer
    days than will be served, `anchored_to` says of how many that is: the logistic
    score's mean is then moved to BG/NBD's. Raises CannotFit.
    """
    purchases = bgnbd.fit(orders["x"], orders["t_x"], orders["T"])
    value = gamma_gamma.fit(orders["valued"], orders["mean_value"])
    silence = logistic.fit(
        np.vstack([inputs(features) for features, _ in past]),
        np.concatenate([event for _, event in past]),
        list(SIGNS.values()),
    )
    shift = 0.0
    if anchored_to is not None:
        times = orders["x"], orders["t_x"], orders["T"]
        wanted = bgnbd.p_no_purchase(purchases, *times, anchored_to).mean()
        odds = logistic.log_odds(silence, inputs(orders))
        shift = brentq(lambda step: expit(odds + step).mean() - wanted, -20, 20)
    return Fitted(purchases, value, silence, shift)


def scores(fitted: Fitted, orders: Mapping[str, NDArray], horizon: float) -> Scores:
    """Of the customers in `orders`, for the `horizon` days after."""
    times = orders["x"], orders["t_x"], orders["T"]
    by_bgnbd = bgnbd.p_no_purchase(fitted.purchases, *times, horizon)
    odds = logistic.log_odds(fitted.silence, inputs(orders)) + fitted.shift
    probability = expit((logit(np.clip(by_bgnbd, CERTAIN, 1 - CERTAIN)) + odds) / 2)
    alone = bgnbd.expected_purchases(fitted.purchases, *times, horizon)
    # How many, if any, is BG/NBD's to say; whether any, the served probability's.
    if_any = alone / np.maximum(1 - by_bgnbd, CERTAIN)
    purchases = if_any * (1 - probability)
    mean_value = gamma_gamma.expected_value(
        fitted.value, orders["valued"], orders["mean_value"]
    )
    return Scores(
        by_bgnbd=by_bgnbd,
        by_logistic=expit(odds),
        probability=probability,
        bgnbd_purchases=alone,
        purchases=purchases,
        likely_purchases=purchases * (1 - probability) ** SHRINK,
        amount=purchases * mean_value,
    )

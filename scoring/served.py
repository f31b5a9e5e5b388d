"""What is served of orders alone: a probability, a count and an amount.

BG/NBD knows how a single customer buys, the logistic score what the base did of late.
The mean of their log odds ranks better than either, and is better calibrated. Where one
of them cannot be fitted the other serves alone, and it is said why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from scoring import CannotFit, bgnbd, gamma_gamma, logistic

# What may raise (+1) or lower (-1) the risk of no purchase; 0 is free.
SIGNS = {"repeats": -1, "recency": 1, "tenure": 0, "spend": -1}
# Most of those of whom a tenth of a purchase is expected buy nothing.
SHRINK = 0.1
# A probability is never taken for certain.
CERTAIN = 1e-12


@dataclass(frozen=True)
class Fitted:
    """All that scoring needs; None is what could not be fitted, `missing` says why.

    `shift` is added to the logistic score's log odds.
    """

    purchases: bgnbd.Parameters | None
    value: gamma_gamma.Parameters | None
    silence: logistic.Model | None
    shift: float
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Scores:
    """Of each customer in the horizon, shapes (n,); None where its model is missing.

    by_bgnbd, by_logistic, probability: of no purchase; the last is served. purchases:
    days with one, the mean; likely_purchases: the same, drawn to 0, to err less for
    most; bgnbd_purchases: of BG/NBD alone. amount: what the purchases bring, in money.
    """

    probability: NDArray
    by_bgnbd: NDArray | None = None
    by_logistic: NDArray | None = None
    bgnbd_purchases: NDArray | None = None
    purchases: NDArray | None = None
    likely_purchases: NDArray | None = None
    amount: NDArray | None = None


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
    score's mean is then moved to BG/NBD's. Raises CannotFit where neither can be
    fitted.
    """
    missing: list[str] = []

    def fitted(how: Callable, *data):
        try:
            return how(*data)
        except CannotFit as error:
            missing.append(str(error))
            return None

    times = orders["x"], orders["t_x"], orders["T"]
    purchases = fitted(bgnbd.fit, *times)
    silence = fitted(
        logistic.fit,
        np.vstack([inputs(features) for features, _ in past]),
        np.concatenate([event for _, event in past]),
        list(SIGNS.values()),
    )
    if purchases is None and silence is None:
        raise CannotFit(" ".join(missing))
    value = fitted(gamma_gamma.fit, orders["valued"], orders["mean_value"])
    shift = 0.0
    if anchored_to is not None and purchases and silence:
        wanted = bgnbd.p_no_purchase(purchases, *times, anchored_to).mean()
        odds = logistic.log_odds(silence, inputs(orders))
        shift = brentq(lambda step: expit(odds + step).mean() - wanted, -20, 20)
    return Fitted(purchases, value, silence, shift, tuple(missing))


def scores(fitted: Fitted, orders: Mapping[str, NDArray], horizon: float) -> Scores:
    """Of the customers in `orders`, for the `horizon` days after."""
    by_logistic = by_bgnbd = None
    if fitted.silence:
        odds = logistic.log_odds(fitted.silence, inputs(orders)) + fitted.shift
        by_logistic = expit(odds)
    if not fitted.purchases:
        return Scores(by_logistic, by_logistic=by_logistic)
    times = orders["x"], orders["t_x"], orders["T"]
    by_bgnbd = bgnbd.p_no_purchase(fitted.purchases, *times, horizon)
    probability = by_bgnbd if by_logistic is None else mean_log_odds(by_bgnbd, odds)
    alone = bgnbd.expected_purchases(fitted.purchases, *times, horizon)
    # How many, if any, is BG/NBD's to say; whether any, the served probability's.
    if_any = alone / np.maximum(1 - by_bgnbd, CERTAIN)
    purchases = if_any * (1 - probability)
    amount = None
    if fitted.value:
        amount = purchases * gamma_gamma.expected_value(
            fitted.value, orders["valued"], orders["mean_value"]
        )
    return Scores(
        probability,
        by_bgnbd,
        by_logistic,
        alone,
        purchases,
        purchases * (1 - probability) ** SHRINK,
        amount,
    )


def mean_log_odds(probability: NDArray, odds: NDArray) -> NDArray:
    """The probability half way, in log odds, between one and another's log odds."""
    return expit((logit(np.clip(probability, CERTAIN, 1 - CERTAIN)) + odds) / 2)

"""What is served: a probability of no purchase, a count and an amount.

BG/NBD knows how a single customer buys, the logistic score what the base did of late.
The mean of their log odds ranks better than either, and is better calibrated. Where one
of them cannot be fitted the other serves alone, and it is said why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from scoring import CannotFit, bgnbd, gamma_gamma, logistic

EVEN = 0.5  # the weight of each of two log odds
# Most of those of whom a tenth of a purchase is expected buy nothing.
SHRINK = 0.1
# A probability is never taken for certain.
CERTAIN = 1e-9


@dataclass(frozen=True)
class Feature:
    """A column that the logistic score reads: ln(1 + value) where it is logged.

    `expected_sign` is what it may do to the risk: raise (+1) or lower (-1) it, or both.
    """

    code: str
    is_logged: bool
    expected_sign: int


@dataclass(frozen=True)
class Histories:
    """What BG/NBD and Gamma-Gamma know of customers who bought by a day, shapes (n,).

    x, days with a purchase after the first; t_x, from the first to the last, T, since
    the first, in days; valued, days with an amount, mean_value, their mean, in money.
    """

    x: NDArray
    t_x: NDArray
    T: NDArray
    valued: NDArray
    mean_value: NDArray

    @property
    def times(self) -> tuple[NDArray, NDArray, NDArray]:
        return self.x, self.t_x, self.T


@dataclass(frozen=True)
class Fitted:
    """All that scoring needs; None is what could not be fitted, `missing` says why.

    `weight` is that of BG/NBD's log odds in the served ones; 1 - `weight` is the
    logistic score's. Without weight BG/NBD still tells how much a customer buys.
    """

    features: Sequence[Feature]
    silence: logistic.Model | None
    purchases: bgnbd.Parameters | None
    value: gamma_gamma.Parameters | None
    weight: float
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Risk:
    """The probability of no purchase in the horizon, shapes (n,).

    None where the model is missing; `probability` is the served one.
    """

    probability: NDArray
    by_bgnbd: NDArray | None
    by_logistic: NDArray | None


@dataclass(frozen=True)
class Worth:
    """What is expected of the horizon, shapes (n,).

    purchases: days with one, the mean; likely_purchases: the same, drawn to 0, to err
    less for most; bgnbd_purchases: of BG/NBD alone. amount: what the purchases bring,
    in money; None where it could not be fitted.
    """

    bgnbd_purchases: NDArray
    purchases: NDArray
    likely_purchases: NDArray
    amount: NDArray | None


def transformed(values: NDArray, features: Sequence[Feature]) -> NDArray:
    """The features (n, k) as the logistic score takes them.

    Logs, since the tenth purchase says less than the second; an amount below 0 is 0.
    """
    logged = np.array([feature.is_logged for feature in features])
    return np.where(
        logged, np.log1p(np.where(logged, np.maximum(values, 0), 0)), values
    )


def fit(
    features: Sequence[Feature],
    past: NDArray,
    event: NDArray,
    histories: Histories,
    anchored: tuple[NDArray, float] | None = None,
) -> Fitted:
    """The models of a day, from what was known by its end.

    past: (n, k), in the order of `features`, NaN where unknown, of earlier days whose
    outcome is known; event: (n,), 1 for no purchase; histories: of the day itself.
    Where those outcomes are of fewer days than will be served, `anchored` holds the
    features of the customers in `histories` and of how many days that is: the logistic
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

    purchases = fitted(bgnbd.fit, *histories.times)
    signs = [feature.expected_sign for feature in features]
    silence = fitted(logistic.fit, transformed(past, features), event, signs)
    if purchases is None and silence is None:
        raise CannotFit(" ".join(missing))
    value = fitted(gamma_gamma.fit, histories.valued, histories.mean_value)
    if anchored and purchases and silence:
        values, horizon = anchored
        wanted = bgnbd.p_no_purchase(purchases, *histories.times, horizon).mean()
        odds = logistic.log_odds(silence, transformed(values, features))
        shift = brentq(lambda step: expit(odds + step).mean() - wanted, -20, 20)
        silence = replace(silence, intercept=silence.intercept + shift)
    weight = EVEN if purchases and silence else float(silence is None)
    return Fitted(features, silence, purchases, value, weight, tuple(missing))


def risk(
    fitted: Fitted,
    values: NDArray,
    times: tuple[NDArray, NDArray, NDArray],
    horizon: float,
) -> Risk:
    """Of no purchase in the `horizon` days after.

    values: (n, k), in the order of the features, NaN where unknown; times: x, t_x, T.
    """
    by_bgnbd = by_logistic = None
    odds = np.zeros(len(values))
    if fitted.purchases:
        by_bgnbd = bgnbd.p_no_purchase(fitted.purchases, *times, horizon)
        odds += fitted.weight * logit(np.clip(by_bgnbd, CERTAIN, 1 - CERTAIN))
    if fitted.silence:
        alone = logistic.log_odds(fitted.silence, transformed(values, fitted.features))
        by_logistic = expit(alone)
        odds += (1 - fitted.weight) * alone
    return Risk(expit(odds), by_bgnbd, by_logistic)


def worth(
    fitted: Fitted, found: Risk, histories: Histories, horizon: float
) -> Worth | None:
    """Of the same customers in the same days; None without BG/NBD.

    How many purchases, if any, is BG/NBD's to say; whether any, the served risk's.
    """
    if not fitted.purchases:
        return None
    alone = bgnbd.expected_purchases(fitted.purchases, *histories.times, horizon)
    any_purchase = 1 - found.probability
    purchases = alone / np.maximum(1 - found.by_bgnbd, CERTAIN) * any_purchase
    amount = None
    if fitted.value:
        amount = purchases * gamma_gamma.expected_value(
            fitted.value, histories.valued, histories.mean_value
        )
    return Worth(alone, purchases, purchases * any_purchase**SHRINK, amount)

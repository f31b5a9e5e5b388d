"""BG/NBD: how often customers buy, and when they silently stop.

Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24
(2005). Of a customer it needs three numbers, in one unit of time (days or weeks):
x, the days with a purchase after the first; t_x, from the first to the last purchase;
T, from the first purchase to the day as of which we look.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, expit, gammaln, hyp2f1

from scoring import CannotFit
from scoring.likelihood import peak

LEAST_CUSTOMERS = 500
LEAST_REPEATERS = 50
BOUNDS = (1e-4, 1e4)  # of r, alpha in units of the mean T, a and b
STARTS = ((1.0, 1.0, 1.0, 1.0), (0.25, 0.3, 0.8, 2.5), (0.5, 1.0, 0.2, 2.0))
# Expected purchases divide by a - 1.
NEAREST_TO_ONE = 1e-6


@dataclass(frozen=True)
class Parameters:
    """Of the Gamma of rates (r, alpha) and the Beta of stopping (a, b).

    `alpha` is in the unit of time of the fit; the others have none.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: float


# --- fitting -------------------------------------------------------------------------


def fit(
    x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None = None
) -> Parameters:
    """The likeliest parameters of a count table: n rows, `weights` customers in each.

    All four are arrays of shape (n,). The result is that of single customers, whatever
    the order of the rows. Raises CannotFit with one sentence where the customers are
    too few, nobody came back, or no parameters stand out.
    """
    x, t_x, T, weights = counted(x, t_x, T, weights)
    customers, repeaters = weights.sum(), weights[x > 0].sum()
    if customers < LEAST_CUSTOMERS:
        raise CannotFit(
            f"BG/NBD was not fitted: {customers:.0f} customers have bought, and it is "
            f"learned from {LEAST_CUSTOMERS} on."
        )
    if repeaters < LEAST_REPEATERS:
        raise CannotFit(
            f"BG/NBD was not fitted: {repeaters:.0f} customers bought on a second day, "
            f"and it is learned from {LEAST_REPEATERS} on."
        )
    if not (weights * t_x * (t_x < T)).any():
        raise CannotFit(
            "BG/NBD was not fitted: nobody's last purchase lies behind, so nothing "
            "tells who has stopped."
        )
    # In units of the mean T every base looks alike to the search.
    unit = np.average(T, weights=weights)

    def loss(logs: NDArray) -> tuple[float, NDArray]:
        value, gradient = log_likelihood(logs, x, t_x / unit, T / unit)
        return -(weights @ value) / customers, -(gradient @ weights) / customers

    (r, alpha, a, b), least = peak(
        "BG/NBD", ("r", "alpha", "a", "b"), loss, STARTS, BOUNDS
    )
    if abs(a - 1) < NEAREST_TO_ONE:
        raise CannotFit(
            f"BG/NBD was not fitted: a is 1 to within {NEAREST_TO_ONE:g}, where "
            "expected purchases have no closed form."
        )
    # Likelihoods are densities of times: back from units of the mean T.
    total = -least * customers - np.log(unit) * (weights @ x)
    return Parameters(r, alpha * float(unit), a, b, float(total), float(customers))


def counted(
    x: ArrayLike, t_x: ArrayLike, T: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """The distinct rows in order, with how many customers are in each."""
    rows = np.column_stack([np.asarray(one, float) for one in (x, t_x, T)])
    counts = np.ones(len(rows)) if weights is None else np.asarray(weights, float)
    is_known = np.isfinite(rows).all() and (rows >= 0).all()
    if not is_known or (rows[:, 1] > rows[:, 2]).any():
        raise CannotFit(
            "BG/NBD was not fitted: x, t_x and T must be known and not negative, and "
            "t_x not above T."
        )
    distinct, row = np.unique(rows, axis=0, return_inverse=True)
    return *distinct.T, np.bincount(row.ravel(), counts, len(distinct))


def log_likelihood(
    logs: NDArray, x: NDArray, t_x: NDArray, T: NDArray
) -> tuple[NDArray, NDArray]:
    """Of each customer, shape (n,), and by the logs of r, alpha, a, b: shape (4, n)."""
    r, alpha, a, b = np.exp(logs)
    repeats = x > 0
    # Of being alive at T, and of having stopped right after t_x: (7) of the paper.
    alive = -(r + x) * np.log(alpha + T)
    before = np.where(repeats, b + x - 1, 1.0)
    stopped = np.where(
        repeats, np.log(a) - np.log(before) - (r + x) * np.log(alpha + t_x), -np.inf
    )
    value = (
        gammaln(r + x)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(a + b)
        + gammaln(b + x)
        - gammaln(b)
        - gammaln(a + b + x)
        + np.logaddexp(alive, stopped)
    )
    share = np.where(repeats, expit(stopped - alive), 0.0)
    log_time = (1 - share) * np.log(alpha + T) + share * np.log(alpha + t_x)
    per_time = (1 - share) / (alpha + T) + share / (alpha + t_x)
    both = digamma(a + b) - digamma(a + b + x)
    gradient = np.array(
        [
            r * (digamma(r + x) - digamma(r) + np.log(alpha) - log_time),
            r - alpha * (r + x) * per_time,
            a * both + share,
            b * (both + digamma(b + x) - digamma(b) - share / before),
        ]
    )
    return value, gradient


# --- scores --------------------------------------------------------------------------


def p_alive(
    parameters: Parameters, x: ArrayLike, t_x: ArrayLike, T: ArrayLike
) -> NDArray:
    """The probability of not having stopped, shape (n,).

    It is 1 for whoever bought once: nobody stops before a second purchase in this
    model. So it is no score of churn.
    """
    x, t_x, T = (np.asarray(one, float) for one in (x, t_x, T))
    one = parameters
    before = np.where(x > 0, one.b + x - 1, 1.0)
    # By logs, since the power overflows for who bought a thousand times.
    odds = np.log(one.a / before)
    odds += (one.r + x) * np.log((one.alpha + T) / (one.alpha + t_x))
    return np.where(x > 0, expit(-odds), 1.0)


def p_no_purchase(
    parameters: Parameters, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, h: ArrayLike
) -> NDArray:
    """The probability of no purchase in the next `h` of the fit's unit, shape (n,)."""
    x, T = np.asarray(x, float), np.asarray(T, float)
    one = parameters
    silent = ((one.alpha + T) / (one.alpha + T + h)) ** (one.r + x)
    return 1 - p_alive(one, x, t_x, T) * (1 - silent)


def expected_purchases(
    parameters: Parameters, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, h: ArrayLike
) -> NDArray:
    """Days with a purchase in the next `h` of the fit's unit, shape (n,).

    (10) of the paper, after Euler's transformation: the series is then a short one.
    """
    x, T, h = (np.asarray(value, float) for value in (x, T, h))
    r, alpha, a, b = parameters.r, parameters.alpha, parameters.a, parameters.b
    z = h / (alpha + T + h)
    transformed = hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
    if_alive = (a + b + x - 1) / (a - 1) * (1 - (1 - z) ** (a - 1) * transformed)
    return if_alive * p_alive(parameters, x, t_x, T)

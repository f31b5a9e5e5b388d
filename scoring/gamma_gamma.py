"""Gamma-Gamma: what a customer's purchases are worth on average, once chance is out.

Fader and Hardie, The Gamma-Gamma Model of Monetary Value (2013). A mean of one purchase
says little, so it is drawn towards everybody's mean; a mean of many stays what it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, gammaln

from scoring import CannotFit
from scoring.likelihood import peak

LEAST_CUSTOMERS = 50
BOUNDS = (1e-3, 1e4)  # of p, q, and v in units of the mean value
STARTS = ((1.0, 2.0, 1.0), (6.0, 4.0, 0.5))


@dataclass(frozen=True)
class Parameters:
    """p, q without a unit; v in the money of the fit, per purchase."""

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: float


def fit(
    x: ArrayLike, mean_value: ArrayLike, weights: ArrayLike | None = None
) -> Parameters:
    """The likeliest parameters, from customers with purchases that have a value.

    x: purchases whose values are averaged; mean_value: their mean, in money; weights:
    customers in the row. Shapes (n,). Rows without a purchase or with a mean of 0 or
    less say nothing and are left out. Raises CannotFit with one sentence.
    """
    x, mean_value = np.asarray(x, float), np.asarray(mean_value, float)
    counts = np.ones(len(x)) if weights is None else np.asarray(weights, float)
    used = (x > 0) & (mean_value > 0) & np.isfinite(mean_value)
    distinct, row = np.unique(
        np.column_stack([x[used], mean_value[used]]), axis=0, return_inverse=True
    )
    x, mean_value = distinct.T
    counts = np.bincount(row.ravel(), counts[used], len(distinct))
    customers = counts.sum()
    if customers < LEAST_CUSTOMERS:
        raise CannotFit(
            f"Gamma-Gamma was not fitted: {customers:.0f} customers have purchases of "
            f"a value, and it is learned from {LEAST_CUSTOMERS} on."
        )
    unit = np.average(mean_value, weights=counts)

    def loss(logs: NDArray) -> tuple[float, NDArray]:
        value, gradient = log_likelihood(logs, x, mean_value / unit)
        return -(counts @ value) / customers, -(gradient @ counts) / customers

    (p, q, v), least = peak("Gamma-Gamma", ("p", "q", "v"), loss, STARTS, BOUNDS)
    if q <= 1:
        raise CannotFit(
            f"Gamma-Gamma was not fitted: q is {q:.3g}, and at 1 or less the mean of "
            "everybody is infinite."
        )
    total = -least * customers - np.log(unit) * customers
    return Parameters(p, q, v * float(unit), float(total), float(customers))


def log_likelihood(
    logs: NDArray, x: NDArray, mean_value: NDArray
) -> tuple[NDArray, NDArray]:
    """Of each customer, shape (n,), and by the logs of p, q, v: shape (3, n)."""
    p, q, v = np.exp(logs)
    spend, shape = x * mean_value, p * x
    value = (
        gammaln(shape + q)
        - gammaln(shape)
        - gammaln(q)
        + q * np.log(v)
        + shape * np.log(spend)
        - np.log(mean_value)
        - (shape + q) * np.log(v + spend)
    )
    both = digamma(shape + q) - np.log(v + spend)
    gradient = np.array(
        [
            shape * (both - digamma(shape) + np.log(spend)),
            q * (both - digamma(q) + np.log(v)),
            q - v * (shape + q) / (v + spend),
        ]
    )
    return value, gradient


def expected_value(
    parameters: Parameters, x: ArrayLike, mean_value: ArrayLike
) -> NDArray:
    """The mean value of a next purchase, in money, shape (n,): (5) of the paper.

    Where x is 0, or nothing is known of the value, it is everybody's mean.
    """
    x, mean_value = np.asarray(x, float), np.asarray(mean_value, float)
    known = (x > 0) & (mean_value > 0)
    spend = np.where(known, x * mean_value, 0.0)
    count = np.where(known, x, 0.0)
    one = parameters
    return one.p * (one.v + spend) / (one.p * count + one.q - 1)

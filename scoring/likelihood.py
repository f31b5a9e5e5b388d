"""Where a likelihood has its peak, and the sentence where it has none."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from scoring import CannotFit

# What ends so near to a bound, in logs, is no finding.
NEAR = 0.01


def peak(
    model: str,
    names: Sequence[str],
    loss: Callable[[NDArray], tuple[float, NDArray]],
    starts: Sequence[Sequence[float]],
    bounds: tuple[float, float],
) -> tuple[list[float], float]:
    """The positive parameters of least loss, in the order of `names`, and that loss.

    `loss` takes their logs, shape (k,), and gives its value and slopes by them; of the
    searches from all `starts` (k parameters each) the best counts. Raises CannotFit
    where a parameter runs to one of the bounds, which are of all parameters.
    """
    least, most = np.log(bounds)
    tried = [
        minimize(
            loss,
            np.log(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(least, most)] * len(names),
            options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 2_000},
        )
        for start in starts
    ]
    best = min(tried, key=lambda one: one.fun)
    for name, log in zip(names, best.x, strict=True):
        if min(log - least, most - log) < NEAR:
            raise CannotFit(
                f"{model} was not fitted: the likelihood has no peak, {name} runs to "
                f"{np.exp(log):.3g}."
            )
    return [float(value) for value in np.exp(best.x)], float(best.fun)

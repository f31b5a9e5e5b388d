"""An export of points can be read, earned and spent as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.loyalty_points",
    expectations=[
        *every_batch(event="moved_at"),
        warns(
            "points__stddev__drift",
            "Points counted in cents, or money instead of points.",
            at_least=0.1,
            at_most=10,
        ),
        warns(
            "kind__share__earn__drift",
            "Nothing earned: orders no longer reach the loyalty system.",
            at_least=0.2,
        ),
        warns(
            "kind__share__redeem__drift",
            "A run on points is news, or a kind that changed its meaning.",
            at_most=5,
        ),
        warns(
            "kind__share__expire__drift",
            "A wave of expiry angers customers: it should have been planned.",
            at_most=5,
        ),
        warns(
            "kind__share__adjust__drift",
            "Many corrections by hand: a system that miscounts, or a fraud.",
            at_most=5,
        ),
    ],
)

"""As many leave as did, and as many as were foretold to."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.churn_calibration",
    expectations=[
        warns(
            "row_count__drift",
            "Month ends or probabilities went missing.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "foretold_share__mean__drift",
            "The model changed, or a feed that it weighs is missing.",
            at_least=0.7,
            at_most=1.4,
        ),
        warns(
            "lost_share__mean__drift",
            "Far more, or fewer, bought nothing: orders are missing or doubled.",
            at_least=0.6,
            at_most=1.6,
        ),
    ],
)
